import Foundation

/// A line of the table.
struct Row {
    let name: String
    let bytesPerChunk: Double
    let chunks: Int
    var alone = Measurement()
    var burst = Measurement()

    /// In the JSON: nanoseconds per chunk, and every round's; allocations per chunk where they are counted.
    var json: [String: Any] {
        var object: [String: Any] = ["name": name, "bytes_per_chunk": bytesPerChunk, "chunks": chunks]
        for (key, measurement) in [("alone", alone), ("burst", burst)] where !measurement.rounds.isEmpty {
            var figures: [String: Any] = [
                "min": measurement.minimum, "median": measurement.median, "rounds": measurement.rounds,
            ]
            figures["allocations"] = measurement.allocations
            object[key] = figures
        }
        return object
    }
}

enum Report {
    static func table(_ rows: [Row], yardstick: Double) -> String {
        var text = """
            | stream | bytes per chunk | burst: ns per chunk, min (median) | ns per byte | × JSONDecoder | alone: ns per chunk |
            |---|---|---|---|---|---|

            """
        for row in rows {
            let perByte = String(format: "%.2f", row.burst.minimum / row.bytesPerChunk)
            let ratio = yardstick > 0 ? String(format: "%.2f", row.burst.minimum / yardstick) : ""
            let alone = row.alone.rounds.isEmpty ? "" : cell(row.alone)
            text += "| \(row.name) | \(Int(row.bytesPerChunk.rounded())) | \(cell(row.burst)) | \(perByte) | \(ratio) "
            text += "| \(alone) |\n"
        }
        return text
    }

    static func json(_ rows: [Row], rounds: Int, load: String) throws -> String {
        let object: [String: Any] = ["rounds": rounds, "load_average": load, "rows": rows.map(\.json)]
        let data = try JSONSerialization.data(withJSONObject: object, options: [.prettyPrinted, .sortedKeys])
        return String(decoding: data, as: UTF8.self)
    }

    private static func cell(_ measurement: Measurement) -> String {
        "\(Int(measurement.minimum.rounded())) (\(Int(measurement.median.rounded())))"
    }
}
