import CCurl
import Glibc

/// One of libcurl's easy handles, used for one transfer after another: what all have in common is set once.
///
/// Confined to the loop of its driver.
final class EasyHandle {
    let pointer: OpaqueEasy
    /// Where libcurl writes what went wrong.
    private let errorText: UnsafeMutablePointer<CChar>
    private let lines = HeaderLines()
    private unowned let driver: CurlDriver

    /// Nil where there is no memory for it.
    init?(of driver: CurlDriver) {
        guard let pointer = curl_easy_init() else { return nil }
        self.pointer = pointer
        self.driver = driver
        errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        setUp()
    }

    deinit {
        curl_easy_cleanup(pointer)
        errorText.deallocate()
    }

    /// What holds for every transfer: nothing is sent that libcurl would add of its own.
    private func setUp() {
        set(CURLOPT_ERRORBUFFER, UnsafeMutableRawPointer(errorText))
        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_PATH_AS_IS, 1)
        set(CURLOPT_PROTOCOLS_STR, "http,https")
        set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        set(CURLOPT_HTTP_CONTENT_DECODING, 0)
        set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        set(CURLOPT_TCP_KEEPALIVE, 1)
        set(CURLOPT_NOPROXY, Self.withoutProxy)
        Transfer.setCallbacks(of: self)
        driver.follow(self)
    }

    /// What is reached directly, whatever `http_proxy` says: what `no_proxy` lists, and this machine itself.
    private static let withoutProxy: String = {
        let listed = getenv("no_proxy") ?? getenv("NO_PROXY")
        let own = "localhost,127.0.0.0/8,::1"
        return listed.map { "\(String(cString: $0)),\(own)" } ?? own
    }()

    /// Makes it ready for another transfer, with nothing of the last one in it.
    ///
    /// - Parameter isPlain: whether that one set only what each transfer sets; else all is set anew.
    func clean(isPlain: Bool) {
        if isPlain {
            set(CURLOPT_HTTPHEADER, nil)
            // Also frees the body.
            set(CURLOPT_POSTFIELDS, nil)
        } else {
            curl_easy_reset(pointer)
            setUp()
        }
        lines.clear()
        errorText.pointee = 0
    }

    /// What went wrong in the last transfer, in libcurl's words.
    func message(for code: CURLcode) -> String {
        let text = errorText.pointee == 0 ? curl_easy_strerror(code) : UnsafePointer(errorText)
        return text.map { String(cString: $0) } ?? "failed"
    }

    // MARK: Options

    func set(_ option: CURLoption, _ value: Int) { _ = tokencast_easy_setopt_long(pointer, option, value) }
    func set(_ option: CURLoption, _ value: String) { _ = tokencast_easy_setopt_string(pointer, option, value) }
    func set(_ option: CURLoption, _ value: UnsafeMutableRawPointer?) {
        _ = tokencast_easy_setopt_pointer(pointer, option, value)
    }

    /// Sets the request's headers: these fields, and lines as libcurl takes them.
    func setHeaders(_ fields: [HeaderField], _ others: [String]) {
        set(CURLOPT_HTTPHEADER, lines.write(fields, others))
    }
}

/// `CURL *` is `void *` in C.
typealias OpaqueEasy = UnsafeMutableRawPointer
