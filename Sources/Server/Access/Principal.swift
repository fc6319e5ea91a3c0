import Broadcast

/// Who asks, and what it may do.
enum Principal: Sendable {
    /// No keys are configured: whoever reaches this address may do everything.
    case anyone
}
