import Broadcast
import Dialects
import Logging
import Tapes

extension Exchange {
    /// A replay of a tape, not yet started.
    func makeReplay(_ item: Cassette.Item, _ options: ReplayOptions) -> ReplayTransfer {
        let plan = ReplayPlan(item.tape, options)
        for note in plan.notes { server.logger.notice("\(note)", metadata: ["tape": "\(item.name)"]) }
        return ReplayTransfer(plan, since: started, on: eventLoop, receiver: self)
    }
}

extension Exchange: ReplayReceiver {
    /// Closes the caller's connection as a network does, with no word of ours: that is what its program is tested for.
    func drop(reset: Bool, offset: Int) {
        let error = StreamError(
            message: "the connection was \(reset ? "reset" : "closed"), as a fault of the replay says",
            type: "tape_fault",
            code: reset ? "reset" : "drop"
        )
        generation?.abandon(StreamEnd(state: .error, error: error))
        let caller = self.caller
        self.caller = nil
        if reset { caller?.abort() } else { caller?.hangUp() }
        finish()
    }
}
