import Glibc

/// The environment of the tests.
package enum ProcessVariables {
    package static subscript(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }
}
