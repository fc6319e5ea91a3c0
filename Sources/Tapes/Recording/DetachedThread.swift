#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A thread of its own for work that blocks, which the threads of tasks and event loops must not do.
enum DetachedThread {
    private final class Work: Sendable {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) {
            self.body = body
        }
    }

    /// Starts one; false where the system has none left.
    static func start(_ body: @escaping @Sendable () -> Void) -> Bool {
        let work = Unmanaged.passRetained(Work(body))
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        defer { pthread_attr_destroy(&attributes) }
        #if canImport(Glibc)
        var thread = pthread_t()
        let code = pthread_create(&thread, &attributes, entry, work.toOpaque())
        #else
        var thread: pthread_t?
        let code = pthread_create(&thread, &attributes, entry, work.toOpaque())
        #endif
        if code != 0 { work.release() }
        return code == 0
    }

    /// Where the thread begins. A closure written in the call crashes the compiler (6.3).
    #if canImport(Glibc)
    private static let entry: @convention(c) @Sendable (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = {
        if let context = $0 { Unmanaged<Work>.fromOpaque(context).takeRetainedValue().body() }
        return nil
    }
    #else
    private static let entry: @convention(c) @Sendable (UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? = {
        Unmanaged<Work>.fromOpaque($0).takeRetainedValue().body()
        return nil
    }
    #endif
}
