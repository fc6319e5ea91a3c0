import CCurl

extension UpstreamFailure {
    /// What a libcurl result means; nil is success.
    init?(_ code: CURLcode, message: String) {
        switch code {
        case CURLE_OK:
            return nil
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY:
            self.init(.dns, message)
        case CURLE_COULDNT_CONNECT, CURLE_INTERFACE_FAILED, CURLE_PROXY:
            self.init(.refused, message)
        case CURLE_OPERATION_TIMEDOUT:
            self.init(.connectTimeout, message)
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
            CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_ENGINE_INITFAILED, CURLE_SSL_CLIENTCERT:
            self.init(.tls, message)
        case CURLE_PARTIAL_FILE:
            self.init(.short, message)
        case CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_GOT_NOTHING:
            self.init(.reset, message)
        case CURLE_UNSUPPORTED_PROTOCOL where message.contains("HTTP/0.9"):
            // What came has no status line.
            self.init(.malformed, message)
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL, CURLE_OUT_OF_MEMORY, CURLE_BAD_FUNCTION_ARGUMENT:
            self.init(.invalidRequest, message)
        default:
            self.init(.malformed, message)
        }
    }
}
