import ArgumentParser
import Tokencast

struct TokencastCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokencast",
        abstract: "One LLM token stream in, many readers out: proxy, rebroadcast, record, replay.",
        discussion: """
            Point an SDK at it:  OPENAI_BASE_URL=http://127.0.0.1:8653/v1
            Exit codes: 0 done, 1 failed, 64 wrong usage, 69 the address can't be listened on or reached, 78 wrong \
            configuration.
            """,
        version: "tokencast \(tokencastVersion)",
        subcommands: [
            ServeCommand.self, WatchCommand.self, TapeCommand.self, KeyCommand.self, LinkCommand.self,
            ConfigCommand.self,
        ]
    )
}
