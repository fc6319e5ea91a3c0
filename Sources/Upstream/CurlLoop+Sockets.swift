import CCurl
import CEpoll
import Glibc

/// What libcurl asks of its event loop: which sockets to watch for what, and when to come back.
extension CurlLoop {
    func installCallbacks() {
        let context = Unmanaged.passUnretained(self).toOpaque()
        _ = tokencast_multi_setopt_pointer(multi, CURLMOPT_SOCKETDATA, context)
        _ = tokencast_multi_setopt_pointer(multi, CURLMOPT_TIMERDATA, context)
        _ = tokencast_multi_setopt_socket_callback(multi, socketCallback)
        _ = tokencast_multi_setopt_timer_callback(multi, timerCallback)
    }

    fileprivate func socketChanged(_ socket: CInt, _ what: CInt) {
        switch what {
        case CURL_POLL_REMOVE:
            sockets.remove(socket)
            epoll_ctl(epoll, EPOLL_CTL_DEL, socket, nil)
        case CURL_POLL_IN:
            watch(socket, EPOLLIN.rawValue)
        case CURL_POLL_OUT:
            watch(socket, EPOLLOUT.rawValue)
        default:
            watch(socket, EPOLLIN.rawValue | EPOLLOUT.rawValue)
        }
    }

    func watch(_ socket: CInt, _ mask: UInt32) {
        var event = epoll_event(events: mask, data: epoll_data_t(fd: socket))
        if sockets.insert(socket).inserted {
            if epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &event) == 0 { return }
        }
        epoll_ctl(epoll, EPOLL_CTL_MOD, socket, &event)
    }

    fileprivate func timerChanged(_ milliseconds: Int) {
        // 0 means "as soon as you can": the loop's next pass, not from within this callback.
        timer = milliseconds < 0 ? nil : monotonicNanoseconds() + UInt64(milliseconds) * 1_000_000
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
    Unmanaged<CurlLoop>.fromOpaque(context).takeUnretainedValue().socketChanged(socket, what)
    return 0
}

private func timerCallback(
    _ multi: UnsafeMutableRawPointer?,
    _ milliseconds: Int,
    _ context: UnsafeMutableRawPointer?
) -> CInt {
    guard let context else { return 0 }
    Unmanaged<CurlLoop>.fromOpaque(context).takeUnretainedValue().timerChanged(milliseconds)
    return 0
}
