#if canImport(Glibc)
import Glibc
#endif

/// What has become of an open file.
enum Whereabouts {
    case inPlace
    /// It has another name now.
    case moved
    /// It has none.
    case removed
}

/// An open file that pieces are appended to, each as a whole or not at all.
struct AppendedFile: ~Copyable {
    private let descriptor: CInt
    private let path: String
    /// Whether it was opened here, and so is closed here.
    private let isOwn: Bool
    private let isRegular: Bool
    /// Its size as it was found last, and grew since.
    private(set) var size = 0
    /// Whether what comes next begins a line.
    private(set) var isAtLineStart = true

    /// Takes a descriptor over.
    ///
    /// - Parameter path: the file's name in errors.
    init(_ descriptor: CInt, path: String, isOwn: Bool = true) {
        self.descriptor = descriptor
        self.path = path
        self.isOwn = isOwn
        var status = stat()
        isRegular = isOwn && fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        size = isRegular ? Int(status.st_size) : 0
    }

    deinit {
        if isOwn { close(descriptor) }
    }

    /// Whether it can be put aside for another: pipes, devices and what the program was given can't.
    var canRotate: Bool { isRegular }

    /// Whether a path still leads to it.
    func whereabouts(_ path: String) -> Whereabouts {
        guard isRegular else { return .inPlace }
        var mine = stat()
        var named = stat()
        guard fstat(descriptor, &mine) == 0, mine.st_nlink > 0 else { return .removed }
        guard stat(path, &named) == 0, named.st_dev == mine.st_dev, named.st_ino == mine.st_ino else { return .moved }
        return .inPlace
    }

    /// Begins a line of its own behind one that a killed program left unfinished.
    ///
    /// - Parameter last: the last byte of the file.
    mutating func completeLine(after last: UInt8?) throws(TeeFailure) {
        guard size > 0, let last, last != UInt8(ascii: "\n") else { return }
        try append([UInt8(ascii: "\n")])
    }

    /// Appends all of the bytes. Where they don't fit, none of them stay: no line is left torn.
    mutating func append(_ bytes: ArraySlice<UInt8>) throws(TeeFailure) {
        guard let last = bytes.last else { return }
        try look()
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                write(descriptor, buffer.baseAddress.map { $0 + written }, buffer.count - written)
            }
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN {
                var writable = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = poll(&writable, 1, -1)
                continue
            }
            guard count > 0 else {
                let code = errno
                if isRegular, written > 0 { _ = ftruncate(descriptor, off_t(size)) }
                throw TeeFailure(path, "can't be written", code: code)
            }
            written += count
        }
        size += written
        isAtLineStart = last == UInt8(ascii: "\n")
    }

    /// Finds out how large it is, and that it is still there: what is written to a removed file is lost.
    private mutating func look() throws(TeeFailure) {
        guard isRegular else { return }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw TeeFailure(path, "can't be looked at") }
        guard status.st_nlink > 0 else { throw TeeFailure("\(path) was removed") }
        size = Int(status.st_size)
    }
}
