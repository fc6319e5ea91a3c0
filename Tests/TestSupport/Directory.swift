import Glibc

/// Runs `body` with a directory of its own that is gone afterwards.
package func withDirectory<R>(_ body: (String) async throws -> R) async throws -> R {
    var template = Array("/tmp/tokencast-tests-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Failure("no temporary directory") }
    let path = template.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
    defer { remove(tree: path) }
    return try await body(path)
}

/// The names in a directory, sorted; empty where there is none.
package func names(in path: String) -> [String] {
    guard let directory = opendir(path) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
        guard let offset = MemoryLayout<dirent>.offset(of: \.d_name) else { break }
        let name = (UnsafeRawPointer(entry) + offset).assumingMemoryBound(to: CChar.self)
        names.append(String(cString: name))
    }
    return names.filter { $0 != "." && $0 != ".." }.sorted()
}

/// A file's bytes; empty where there is none.
package func contents(of path: String) -> [UInt8] {
    guard let file = fopen(path, "r") else { return [] }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
    return bytes
}

package func write(_ text: String, to path: String) throws {
    guard let file = fopen(path, "w") else { throw Failure("\(path) can't be written") }
    defer { fclose(file) }
    let bytes = Array(text.utf8)
    guard fwrite(bytes, 1, bytes.count, file) == bytes.count else { throw Failure("\(path) can't be written") }
}

private func remove(tree path: String) {
    if unlink(path) == 0 { return }
    for name in names(in: path) { remove(tree: "\(path)/\(name)") }
    rmdir(path)
}
