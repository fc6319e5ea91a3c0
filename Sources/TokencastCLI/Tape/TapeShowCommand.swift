import ArgumentParser
import TapeTools

struct TapeShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a tape: the request, each chunk with its time, the end."
    )

    /// What is shown of it.
    enum View: String, EnumerableFlag {
        case text
        case events
        case timing
        case textconv

        static func help(for value: View) -> ArgumentHelp? {
            switch value {
            case .text: "The answer's text alone."
            case .events: "The token events, one a line, with time and chunk."
            case .timing: "When the pieces came: figures and a plot."
            case .textconv: "Request, answer and end, without what every recording changes: for git diff."
            }
        }
    }

    @Argument(help: ArgumentHelp("The tape's file.", valueName: "file"))
    var file: String

    @Flag(exclusivity: .exclusive)
    var view: View?

    @Flag(help: "With --events: JSON Lines. With --timing: one JSON object.")
    var json = false

    func validate() throws {
        guard !json || view == .events || view == .timing else {
            throw ValidationError("--json goes with --events or --timing.")
        }
    }

    func run() throws {
        do {
            try Output.write(try content())
        } catch let error as ExitCode {
            throw error
        } catch {
            throw Exit.fail("\(error)", .failure)
        }
    }

    private func content() throws -> [UInt8] {
        if view == .textconv { return Array(try TapeFile.textConversion(of: file).utf8) }
        let tape = try TapeFile.read(file)
        let appearance = Output.appearance
        switch view {
        case nil, .textconv: return Array(TapePage(tape).text(appearance).utf8)
        case .text:
            let bytes = AnswerText.bytes(of: tape)
            return Output.isTerminal ? Array(Printable.text(bytes).utf8) : bytes
        case .events: return json ? EventLines(tape).json : Array(EventLines(tape).text(appearance).utf8)
        case .timing:
            let arrivals = Arrivals(tape)
            return Array((json ? arrivals.json : TimingPlot(arrivals).text(appearance)).utf8)
        }
    }
}
