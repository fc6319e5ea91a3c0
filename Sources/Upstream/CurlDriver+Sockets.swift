import CCurl
import EventLoops
import Glibc

/// What libcurl asks of its event loop: which sockets to watch for what, and when to come back.
extension CurlDriver: Watcher {
    func ready(_ descriptor: CInt, _ events: Readiness) {
        guard sockets.isWanted(descriptor) else {
            // Its upstream has closed it, or sends what nobody asked for: libcurl looks when it wants to use it again.
            sockets.unwatched(descriptor)
            return loop.unwatch(descriptor)
        }
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
        case CURL_POLL_REMOVE: if !sockets.rest(socket) { loop.unwatch(socket) }
        case CURL_POLL_IN: watch(socket, .read)
        case CURL_POLL_OUT: watch(socket, .write)
        default: watch(socket, [.read, .write])
        }
    }

    private func watch(_ socket: CInt, _ events: Readiness) {
        switch sockets.want(socket, events) {
        case .nothing: break
        case .change: loop.rewatch(socket, events)
        case .watch: loop.watch(socket, events, by: self)
        }
    }

    /// libcurl is about to be done with a socket.
    fileprivate func close(_ socket: CInt) -> CInt {
        if sockets.closes(socket) { loop.unwatch(socket) }
        return Glibc.close(socket)
    }

    /// Has a handle's connections tell when they are opened and closed.
    func follow(_ easy: EasyHandle) {
        let context = Unmanaged.passUnretained(self).toOpaque()
        easy.set(CURLOPT_SOCKOPTDATA, context)
        _ = tokencast_easy_setopt_open_callback(easy.pointer, openCallback)
        easy.set(CURLOPT_CLOSESOCKETDATA, context)
        _ = tokencast_easy_setopt_close_callback(easy.pointer, closeCallback)
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

private func openCallback(_ context: UnsafeMutableRawPointer?, _ socket: curl_socket_t, _ purpose: curlsocktype) -> CInt
{
    guard let context else { return CURL_SOCKOPT_OK }
    Unmanaged<CurlDriver>.fromOpaque(context).takeUnretainedValue().sockets.opened(socket)
    return CURL_SOCKOPT_OK
}

private func closeCallback(_ context: UnsafeMutableRawPointer?, _ socket: curl_socket_t) -> CInt {
    guard let context else { return Glibc.close(socket) }
    return Unmanaged<CurlDriver>.fromOpaque(context).takeUnretainedValue().close(socket)
}
