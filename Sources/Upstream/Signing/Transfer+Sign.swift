import CCurl

extension Transfer {
    /// Has libcurl sign the request when it is sent.
    func sign(_ request: UpstreamRequest, with signing: AWSSigning) {
        let version = curl_version_info(CURLVERSION_FIRST)?.pointee.version_num ?? 0
        let signed = SignedRequest(request, signing, version: version)
        easy.set(CURLOPT_AWS_SIGV4, "aws:amz:\(signing.region):\(signing.service)")
        easy.set(CURLOPT_USERNAME, signing.accessKey)
        easy.set(CURLOPT_PASSWORD, signing.secretKey)
        easy.set(CURLOPT_URL, signed.url)
        easy.set(CURLOPT_REQUEST_TARGET, signed.target)
        // Given apart from the list of headers, since libcurl signs all of that in an order of its own: where one name
        // begins like another (`accept`), it was wrong until 8.10.
        if let field = signed.userAgent { set(CURLOPT_USERAGENT, field) }
        if let field = signed.acceptEncoding { set(CURLOPT_ACCEPT_ENCODING, field) }
        // Before 8.3 libcurl signs what it is told to leave out. So `expect` of a large body stays, and isn't waited for.
        easy.set(CURLOPT_EXPECT_100_TIMEOUT_MS, 1)
        setHeaders(signed.headers, request.body, suppressing: version >= 0x080300)
    }

    private func set(_ option: CURLoption, _ field: HeaderField) {
        _ = tokencast_easy_setopt_string(easy.pointer, option, field.bytes.cString)
    }
}
