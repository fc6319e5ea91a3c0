import TestSupport

/// Upstreams that many tests use.
enum Script {
    /// Streams words at once.
    static func chat(_ words: [String]) throws -> TestUpstream {
        try TestUpstream { _, connection in
            try connection.readBody()
            try connection.eventStreamHead()
            try connection.chunk(Chat.stream(words))
            try connection.endChunks()
        }
    }

    /// Streams a word per opening of the gate, and the end with one more.
    static func gated(_ words: [String], _ gate: Gate) throws -> TestUpstream {
        try TestUpstream { _, connection in
            try connection.readBody()
            try connection.eventStreamHead()
            for word in words {
                try gate.pass()
                try connection.chunk(Chat.frame(word))
            }
            try gate.pass()
            try connection.chunk(Chat.finish + Chat.usage + Chat.done)
            try connection.endChunks()
        }
    }

    /// Streams words until the other side closes.
    static func endless(everyMilliseconds pause: Int = 10) throws -> TestUpstream {
        try TestUpstream { _, connection in
            try connection.readBody()
            try connection.eventStreamHead()
            for index in 0... {
                try connection.chunk(Chat.frame(" w\(index)"))
                connection.rest(milliseconds: pause)
            }
        }
    }
}
