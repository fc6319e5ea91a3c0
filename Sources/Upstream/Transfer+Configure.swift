import CCurl
import NIOCore

extension Transfer {
    /// Sets up the easy handle for the request as given.
    func configure(_ request: UpstreamRequest) {
        let context = Unmanaged.passUnretained(self).toOpaque()
        easy.set(CURLOPT_PRIVATE, context)
        easy.set(CURLOPT_WRITEDATA, context)
        easy.set(CURLOPT_HEADERDATA, context)
        easy.set(CURLOPT_URL, request.url)
        easy.set(CURLOPT_CONNECTTIMEOUT_MS, Int(max(1, request.timeouts.connect.nanoseconds / 1_000_000)))
        setBody(request)
        if let signing = request.signing {
            isPlain = false
            sign(request, with: signing)
        } else {
            setHeaders(request.headers, request.body)
        }
    }

    /// What a handle calls, whatever transfer it is used for.
    static func setCallbacks(of easy: EasyHandle) {
        _ = tokencast_easy_setopt_callback(easy.pointer, CURLOPT_WRITEFUNCTION, writeCallback)
        _ = tokencast_easy_setopt_callback(easy.pointer, CURLOPT_HEADERFUNCTION, headerCallback)
    }

    private func setBody(_ request: UpstreamRequest) {
        var usual = "GET"
        switch request.body {
        case .none:
            easy.set(CURLOPT_HTTPGET, 1)
        case .bytes(let bytes):
            usual = "POST"
            _ = tokencast_easy_setopt_offset(easy.pointer, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(bytes.count))
            bytes.withUnsafeBytes { buffer in
                // libcurl copies; an empty body still needs a pointer that isn't null.
                let start = buffer.baseAddress?.assumingMemoryBound(to: CChar.self)
                if let start, !buffer.isEmpty {
                    _ = tokencast_easy_setopt_string(easy.pointer, CURLOPT_COPYPOSTFIELDS, start)
                } else {
                    _ = tokencast_easy_setopt_string(easy.pointer, CURLOPT_COPYPOSTFIELDS, "")
                }
            }
        case .stream(let length):
            isPlain = false
            usual = "PUT"
            upload = Upload()
            easy.set(CURLOPT_UPLOAD, 1)
            easy.set(CURLOPT_READDATA, Unmanaged.passUnretained(self).toOpaque())
            _ = tokencast_easy_setopt_callback(easy.pointer, CURLOPT_READFUNCTION, readCallback)
            if let length {
                _ = tokencast_easy_setopt_offset(easy.pointer, CURLOPT_INFILESIZE_LARGE, curl_off_t(length))
            }
        }
        // Last, since it undoes a body: the answer to HEAD has none, and libcurl must not wait for it.
        if request.method == "HEAD" {
            isPlain = false
            easy.set(CURLOPT_NOBODY, 1)
        }
        if request.method == usual {
            easy.set(CURLOPT_CUSTOMREQUEST, nil)
        } else {
            easy.set(CURLOPT_CUSTOMREQUEST, request.method)
        }
    }

    func setHeaders(_ headers: [HeaderField], _ body: UpstreamRequest.Body, suppressing: Bool = true) {
        // What libcurl would add unasked, unless the caller sent it.
        var others = suppressing ? Self.unasked.filter { !headers.has($0.name) }.map(\.line) : []
        if case .stream(nil) = body { others.append("Transfer-Encoding: chunked") }
        easy.setHeaders(headers, others)
    }

    private static let unasked = [
        (name: "Accept", line: "Accept:"), (name: "User-Agent", line: "User-Agent:"),
        (name: "Content-Type", line: "Content-Type:"), (name: "Expect", line: "Expect:"),
    ]

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
