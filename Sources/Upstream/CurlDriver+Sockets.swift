import CCurl
import EventLoops
import Glibc

/// What libcurl asks of its event loop: which sockets to watch for what, and when to come back.
extension CurlDriver: Watcher {
    func ready(_ descriptor: CInt, _ events: Readiness) {
        var mask: CInt = 0
        if events.canRead { mask |= CURL_CSELECT_IN }
        if events.canWrite { mask |= CURL_CSELECT_OUT }
        if events.isOver { mask |= CURL_CSELECT_ERR }
        act(descriptor, mask)
        // At once, not when all sockets have been read: whoever is first isn't to wait for the others.
        settle()
    }

    func installCallbacks() {
        let context = Unmanaged.passUnretained(self).toOpaque()
        _ = tokencast_multi_setopt_pointer(multi, CURLMOPT_SOCKETDATA, context)
        _ = tokencast_multi_setopt_pointer(multi, CURLMOPT_TIMERDATA, context)
        _ = tokencast_multi_setopt_socket_callback(multi, socketCallback)
        _ = tokencast_multi_setopt_timer_callback(multi, timerCallback)
    }

    fileprivate func socketChanged(_ socket: CInt, _ what: CInt) {
        switch what {
        case CURL_POLL_REMOVE: loop.unwatch(socket)
        case CURL_POLL_IN: loop.watch(socket, .read, by: self)
        case CURL_POLL_OUT: loop.watch(socket, .write, by: self)
        default: loop.watch(socket, [.read, .write], by: self)
        }
    }

    fileprivate func timerChanged(_ milliseconds: Int) {
        // 0 means "as soon as you can": the loop's next pass, not from within this callback.
        timer = milliseconds < 0 ? .max : monotonicNanoseconds() + UInt64(milliseconds) * 1_000_000
    }
}

private func socketCallback(
    _ easy: UnsafeMutableRawPointer?,
    _ socket: curl_socket_t,
    _ what: CInt,
    _ context: UnsafeMutableRawPointer?,
    _ socketContext: UnsafeMutableRawPointer?
) -> CInt {
    guard let context else { return 0 }
    Unmanaged<CurlDriver>.fromOpaque(context).takeUnretainedValue().socketChanged(socket, what)
    return 0
}

private func timerCallback(
    _ multi: UnsafeMutableRawPointer?,
    _ milliseconds: Int,
    _ context: UnsafeMutableRawPointer?
) -> CInt {
    guard let context else { return 0 }
    Unmanaged<CurlDriver>.fromOpaque(context).takeUnretainedValue().timerChanged(milliseconds)
    return 0
}
