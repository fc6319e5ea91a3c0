public import NIOCore

/// Takes a generation's events beside its subscribers: a tee, a webhook. Called on the generation's loop, where it must
/// not block.
public protocol GenerationSink: AnyObject {
    /// Takes the next events; those of the batch with the `end` are the last.
    func append(_ batch: EventBatch)
    /// Takes the next bytes of the upstream's body, as they came, before the events that are in them.
    ///
    /// They may go on behind the stream's end. Ignored unless the sink says otherwise.
    func append(_ bytes: ByteBuffer, of generation: Generation)
    /// Neither events nor bytes come any more. Called once.
    func finish()
}

extension GenerationSink {
    public func append(_ bytes: ByteBuffer, of generation: Generation) {}
    public func finish() {}
}
