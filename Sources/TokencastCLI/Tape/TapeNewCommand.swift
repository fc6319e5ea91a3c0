import ArgumentParser
import TapeTools
import Tapes
import Tokencast

#if canImport(Glibc)
import Glibc
#endif

struct TapeNewCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new",
        abstract: "Make a tape from text and tool calls, without an upstream.",
        discussion: """
            Without -o and --cassette the tape goes to standard output. The same arguments make the same bytes. A \
            program's request must be the tape's to be answered by it, unless the cassette's cassette.json says less \
            is enough, such as {"match": ["model"]}.
            """
    )

    @Option(help: ArgumentHelp("\(TapeScript.dialects.joined(separator: ", ")).", valueName: "name"))
    var dialect = "openai.chat"

    @Option(help: ArgumentHelp("The model that is asked and answers.", valueName: "name"))
    var model = "demo"

    @Option(help: ArgumentHelp("What the user asks.", valueName: "text"))
    var prompt = "Hello"

    @Option(help: ArgumentHelp("What is answered; - reads it from standard input.", valueName: "text"))
    var text: String?

    @Option(help: ArgumentHelp("What is thought before.", valueName: "text"))
    var reasoning: String?

    @Option(
        help: ArgumentHelp("A tool call and its arguments, a JSON object. May be given again.", valueName: "name=json"),
        transform: TapeArguments.toolCall
    )
    var toolCall: [TapeScript.ToolCall] = []

    @Option(help: ArgumentHelp("Why it stopped, in the provider's word. (default: its usual one)", valueName: "word"))
    var finish: String?

    @Option(help: ArgumentHelp("Token counts.", valueName: "input,output"), transform: TapeArguments.usage)
    var usage: TapeArguments.Usage?

    @Flag(help: "One document instead of a stream.")
    var document = false

    @Option(
        help: ArgumentHelp(
            "How the text is cut: words, characters, tokens-ish, size:N characters, one. (default: words)",
            valueName: "how"
        ),
        transform: TapeArguments.pieces
    )
    var chunks = TextPieces.words

    @Option(
        help: ArgumentHelp("How many pieces come in a second. (default: 50/s)", valueName: "n/s"),
        transform: TapeArguments.pace
    )
    var pace = 50.0

    @Option(
        help: ArgumentHelp("When the first piece comes. (default: 300ms)", valueName: "time"),
        transform: TapeArguments.duration
    )
    var first: Int64 = 300_000

    @Option(help: ArgumentHelp("An error's status instead of an answer: 400 to 599.", valueName: "code"))
    var status: Int?

    @Option(help: ArgumentHelp("With --status: when to try again.", valueName: "seconds"))
    var retryAfter: Int?

    @Option(help: ArgumentHelp("With --status: what is said.", valueName: "text"))
    var errorMessage: String?

    @Option(help: ArgumentHelp("Changes the ids.", valueName: "n"))
    var seed: UInt64 = 0

    @Option(help: ArgumentHelp("When it was made: such as 2026-01-01T00:00:00Z, or now.", valueName: "time"))
    var created = "2026-01-01T00:00:00Z"

    @Option(help: ArgumentHelp("The directory within the cassette.", valueName: "scope"))
    var scope: String?

    @Option(name: .shortAndLong, help: ArgumentHelp("The file to write; - is standard output.", valueName: "file"))
    var output: String?

    @Option(help: ArgumentHelp("The cassette to add it to, under the name that a recorder gives.", valueName: "dir"))
    var cassette: String?

    @Flag(help: "With -o: replace the file if it is there.")
    var force = false

    func validate() throws {
        if output != nil, cassette != nil { throw ValidationError("-o and --cassette exclude each other.") }
        if force, output == nil { throw ValidationError("--force goes with -o.") }
        if let status {
            guard (400...599).contains(status) else { throw ValidationError("--status must be 400 to 599.") }
            guard text == nil, reasoning == nil, toolCall.isEmpty, finish == nil else {
                throw ValidationError("An error has no answer: --status goes without --text and the like.")
            }
        } else {
            if retryAfter != nil || errorMessage != nil {
                throw ValidationError("--retry-after and --error-message go with --status.")
            }
            guard text != nil || reasoning != nil || !toolCall.isEmpty else {
                throw ValidationError("Say what is answered: with --text, --reasoning, --tool-call or --status.")
            }
        }
        if let retryAfter, retryAfter < 0 { throw ValidationError("--retry-after must be 0 or more.") }
        guard TapeScript.knows(dialect: dialect) else {
            throw ValidationError("--dialect must be one of \(TapeScript.dialects.joined(separator: ", ")).")
        }
        guard created == "now" || TapeArguments.isTime(created) else {
            throw ValidationError("--created must be a time such as 2026-01-01T00:00:00Z, or now.")
        }
        if let scope, TapeScope(scope) == nil { throw ValidationError("'\(scope)' is no scope.") }
    }

    func run() throws {
        do {
            let script = try script()
            let tape = try script.tape(dialect: dialect, tool: "tokencast/\(tokencastVersion)")
            if let cassette {
                try Output.write(try NewTape.add(tape, from: script, to: cassette) + "\n")
            } else if let output, output != "-" {
                try NewTape.write(tape, to: output, replacing: force)
            } else {
                try Output.write(tape.encoded)
            }
        } catch let error as ExitCode {
            throw error
        } catch {
            throw Exit.fail("\(error)", .failure)
        }
    }

    private func script() throws -> TapeScript {
        var script = TapeScript()
        script.model = model
        script.prompt = prompt
        script.text = text == "-" ? try TapeArguments.standardInput() : text ?? ""
        script.reasoning = reasoning
        script.toolCalls = toolCall
        script.finish = finish
        script.usage = usage.map { ($0.input, $0.output) }
        script.failure = status.map {
            TapeScript.Failure(status: $0, retryAfter: retryAfter, message: errorMessage)
        }
        script.isDocument = document
        script.pieces = chunks
        script.pace = pace
        script.first = first
        script.seed = seed
        script.created = created == "now" ? TapeArguments.now() : created
        script.scope = scope.flatMap { TapeScope($0) } ?? .root
        return script
    }
}
