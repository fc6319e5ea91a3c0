// What reading a stream costs, dialect by dialect. See ../README.md.
import Foundation

let help = """
    USAGE: swift run -c release ParsingBenchmark [--rounds N] [--tokens N] [--only TEXT] [--json] [--no-peers] [--memory]

      --rounds N   rounds, each with every stream once (default 15)
      --tokens N   pieces of text in a stream (default 4096)
      --only TEXT  streams whose name has this in it
      --json       every round's figures, as JSON, in the place of the table
      --no-peers   without Foundation, for a profile
      --memory     in place of the time: what live logs take in memory, over the bytes of their streams
      --help       this text
    """

struct Options {
    var rounds = 15
    var tokens = 4096
    var only = ""
    var isJSON = false
    var isMemory = false
    var hasPeers = true

    init(_ arguments: [String]) throws {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            switch argument {
            case "--rounds": rounds = try Self.number(rest.popFirst(), of: argument)
            case "--tokens": tokens = try Self.number(rest.popFirst(), of: argument)
            case "--only": only = rest.popFirst() ?? ""
            case "--json": isJSON = true
            case "--no-peers": hasPeers = false
            case "--memory": isMemory = true
            default: throw Problem("\(argument) is no option of this program; --help lists them")
            }
        }
    }

    private static func number(_ text: String?, of option: String) throws -> Int {
        guard let number = text.flatMap({ Int($0) }), (1...1_000_000).contains(number) else {
            throw Problem("\(option) takes a number from 1 to 1000000")
        }
        return number
    }
}

func run(_ options: Options) throws {
    let all = try Workload.all(tokens: options.tokens)
    let workloads = all.filter { options.only.isEmpty || $0.name.contains(options.only) }
    guard !workloads.isEmpty else { throw Problem("no stream has \"\(options.only)\" in its name") }
    if options.isMemory { return print(Held.table(workloads)) }
    var rows = workloads.map {
        Row(name: $0.name, bytesPerChunk: Double($0.byteCount) / Double($0.chunks.count), chunks: $0.chunks.count)
    }
    let documents = Peer.documents(of: all[0])
    let size = Double(documents.reduce(0) { $0 + $1.count }) / Double(documents.count)
    let peerCases = options.hasPeers ? Peer.allCases : []
    var peers = peerCases.map { Row(name: $0.rawValue, bytesPerChunk: size, chunks: documents.count) }
    // The round before the first warms the caches, and isn't counted.
    for round in 0...options.rounds {
        for (index, workload) in workloads.enumerated() {
            let burst = try workload.read(workload.reads)
            let alone = try workload.read(workload.chunks)
            guard round > 0 else { continue }
            rows[index].burst.add(burst, chunks: workload.chunks.count)
            rows[index].alone.add(alone, chunks: workload.chunks.count)
        }
        for (index, peer) in peerCases.enumerated() {
            let cost = try peer.read(documents)
            if round > 0 { peers[index].burst.add(cost, chunks: documents.count) }
        }
    }
    let load = (try? String(contentsOfFile: "/proc/loadavg", encoding: .utf8))?.prefix { $0 != " " } ?? "unknown"
    if options.isJSON {
        print(try Report.json(rows + peers, rounds: options.rounds, load: String(load)))
    } else {
        print(Report.table(rows + peers, yardstick: peers.first?.burst.minimum ?? 0))
        print("\(options.rounds) rounds of \(options.tokens) chunks; load average at the end: \(load)")
    }
}

let arguments = Array(CommandLine.arguments.dropFirst())
if arguments.contains("--help") {
    print(help)
} else {
    do {
        try run(Options(arguments))
    } catch {
        FileHandle.standardError.write(Data("error: \(error)\n".utf8))
        exit(1)
    }
}
