import CCurl
import Glibc
import NIOCore

extension Transfer {
    /// Sets up the easy handle: the request as given, nothing that libcurl would add of its own.
    func configure(_ request: UpstreamRequest) {
        let context = Unmanaged.passUnretained(self).toOpaque()
        set(CURLOPT_PRIVATE, context)
        set(CURLOPT_ERRORBUFFER, UnsafeMutableRawPointer(errorText))
        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_URL, request.url)
        set(CURLOPT_PATH_AS_IS, 1)
        set(CURLOPT_PROTOCOLS_STR, "http,https")
        set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        set(CURLOPT_HTTP_CONTENT_DECODING, 0)
        set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        set(CURLOPT_TCP_KEEPALIVE, 1)
        set(CURLOPT_NOPROXY, Self.withoutProxy)
        set(CURLOPT_CONNECTTIMEOUT_MS, Int(max(1, request.timeouts.connect.nanoseconds / 1_000_000)))

        set(CURLOPT_WRITEDATA, context)
        _ = tokencast_easy_setopt_callback(easy, CURLOPT_WRITEFUNCTION, writeCallback)
        set(CURLOPT_HEADERDATA, context)
        _ = tokencast_easy_setopt_callback(easy, CURLOPT_HEADERFUNCTION, headerCallback)

        setBody(request)
        if let signing = request.signing {
            sign(request, with: signing)
        } else {
            setHeaders(request.headers, request.body)
        }
    }

    /// What is reached directly, whatever `http_proxy` says: what `no_proxy` lists, and this machine itself.
    private static let withoutProxy: String = {
        let listed = getenv("no_proxy") ?? getenv("NO_PROXY")
        let own = "localhost,127.0.0.0/8,::1"
        return listed.map { "\(String(cString: $0)),\(own)" } ?? own
    }()

    private func setBody(_ request: UpstreamRequest) {
        switch request.body {
        case .none:
            break
        case .bytes(let bytes):
            _ = tokencast_easy_setopt_offset(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(bytes.count))
            bytes.withUnsafeBytes { buffer in
                // libcurl copies; an empty body still needs a pointer that isn't null.
                let start = buffer.baseAddress?.assumingMemoryBound(to: CChar.self)
                if let start, !buffer.isEmpty {
                    _ = tokencast_easy_setopt_string(easy, CURLOPT_COPYPOSTFIELDS, start)
                } else {
                    _ = tokencast_easy_setopt_string(easy, CURLOPT_COPYPOSTFIELDS, "")
                }
            }
        case .stream(let length):
            upload = Upload()
            set(CURLOPT_UPLOAD, 1)
            set(CURLOPT_READDATA, Unmanaged.passUnretained(self).toOpaque())
            _ = tokencast_easy_setopt_callback(easy, CURLOPT_READFUNCTION, readCallback)
            if let length { _ = tokencast_easy_setopt_offset(easy, CURLOPT_INFILESIZE_LARGE, curl_off_t(length)) }
        }
        // Last, since it undoes a body: the answer to HEAD has none, and libcurl must not wait for it.
        if request.method == "HEAD" { set(CURLOPT_NOBODY, 1) }
        set(CURLOPT_CUSTOMREQUEST, request.method)
    }

    func setHeaders(_ headers: [HeaderField], _ body: UpstreamRequest.Body, suppressing: Bool = true) {
        var line: [CChar] = []
        func append() {
            line.append(0)
            if let list = curl_slist_append(headerList, line) { headerList = list }
            line.removeAll(keepingCapacity: true)
        }
        for field in headers {
            line.append(contentsOf: field.name.utf8.lazy.map { CChar(bitPattern: $0) })
            // libcurl leaves a header out that ends with its colon, and sends it empty with a semicolon.
            line.append(contentsOf: field.bytes.isEmpty ? Self.emptyMark : Self.valueMark)
            line.append(contentsOf: field.bytes.lazy.map { CChar(bitPattern: $0) })
            append()
        }
        // What libcurl would add unasked, unless the caller sent it.
        for name in ["Accept", "User-Agent", "Content-Type", "Expect"] where suppressing && !headers.has(name) {
            line.append(contentsOf: "\(name):".utf8.lazy.map { CChar(bitPattern: $0) })
            append()
        }
        if case .stream(nil) = body {
            line.append(contentsOf: "Transfer-Encoding: chunked".utf8.lazy.map { CChar(bitPattern: $0) })
            append()
        }
        set(CURLOPT_HTTPHEADER, UnsafeMutableRawPointer(headerList))
    }

    private static let emptyMark = [CChar(bitPattern: UInt8(ascii: ";"))]
    private static let valueMark = [CChar(bitPattern: UInt8(ascii: ":")), CChar(bitPattern: UInt8(ascii: " "))]

    func set(_ option: CURLoption, _ value: Int) { _ = tokencast_easy_setopt_long(easy, option, value) }
    func set(_ option: CURLoption, _ value: String) { _ = tokencast_easy_setopt_string(easy, option, value) }
    func set(_ option: CURLoption, _ value: UnsafeMutableRawPointer?) {
        _ = tokencast_easy_setopt_pointer(easy, option, value)
    }

    /// The directions that are to rest, as `curl_easy_pause` takes them.
    var pauseBits: CInt {
        (isPaused ? CURLPAUSE_RECV : 0) | (upload?.isWaiting == true ? CURLPAUSE_SEND : 0)
    }
}

extension [UInt8] {
    /// With the zero behind it that C wants.
    var cString: [CChar] { (self + [0]).map { CChar(bitPattern: $0) } }
}

private func writeCallback(
    _ bytes: UnsafeMutablePointer<CChar>?,
    _ size: Int,
    _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let bytes, let context else { return 0 }
    Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
        .received(UnsafeRawBufferPointer(start: bytes, count: size * count))
    return size * count
}

private func headerCallback(
    _ bytes: UnsafeMutablePointer<CChar>?,
    _ size: Int,
    _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let bytes, let context else { return 0 }
    Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
        .receivedHeader(UnsafeRawBufferPointer(start: bytes, count: size * count))
    return size * count
}

private func readCallback(
    _ bytes: UnsafeMutablePointer<CChar>?,
    _ size: Int,
    _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let bytes, let context else { return Int(CURL_READFUNC_ABORT) }
    let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    return transfer.readBody(into: UnsafeMutableRawBufferPointer(start: bytes, count: size * count))
}

extension Transfer {
    fileprivate func readBody(into target: UnsafeMutableRawBufferPointer) -> Int {
        switch upload?.read(into: target) ?? .end {
        case .copied(let count):
            driver.outbox.append(.bodyConsumed(count), for: handle)
            return count
        case .wait:
            upload?.isWaiting = true
            return Int(CURL_READFUNC_PAUSE)
        case .end:
            return 0
        }
    }
}
