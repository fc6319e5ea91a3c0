import EventLoops
import Testing

@testable import Upstream

@Suite struct WatchedSocketsTests {
    /// What the loop is to do, one step after another, for a connection unless told otherwise.
    private func steps(
        isConnection: Bool = true,
        _ actions: (inout WatchedSockets) -> [WatchedSockets.Step]
    )
        -> [WatchedSockets.Step]
    {
        var sockets = WatchedSockets()
        if isConnection { sockets.opened(7) }
        return actions(&sockets)
    }

    @Test("A connection stays watched from one transfer to the next")
    func connection() {
        let found = steps { sockets in
            let first = [sockets.want(7, .write), sockets.want(7, .read)]
            let stays = sockets.rest(7)
            #expect(stays)
            #expect(!sockets.isWanted(7))
            return first + [sockets.want(7, .read)]
        }
        #expect(found == [.watch, .change, .nothing])
    }

    @Test("What has news while nobody wants it is watched anew for the next transfer")
    func news() {
        let found = steps { sockets in
            let first = sockets.want(7, .read)
            _ = sockets.rest(7)
            sockets.unwatched(7)
            return [first, sockets.want(7, .read)]
        }
        #expect(found == [.watch, .watch])
    }

    @Test("A socket that bears the number of one that was closed is watched anew")
    func closed() {
        let found = steps { sockets in
            let first = sockets.want(7, .read)
            _ = sockets.rest(7)
            let wasWatched = [sockets.closes(7), sockets.closes(7)]
            #expect(wasWatched == [true, false])
            return [first, sockets.want(7, .read)]
        }
        #expect(found == [.watch, .watch])
    }

    @Test("What is no connection is left at once: its end isn't told")
    func other() {
        let found = steps(isConnection: false) { sockets in
            let first = sockets.want(7, .read)
            let stays = sockets.rest(7)
            #expect(!stays)
            #expect(!sockets.isWanted(99))
            return [first, sockets.want(7, .read)]
        }
        #expect(found == [.watch, .watch])
    }
}
