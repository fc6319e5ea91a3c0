import Dialects

extension TapeDifference {
    /// For a person: what was, marked with `-`, and what is, marked with `+`; then when each came.
    public func text(_ appearance: Appearance = .plain) -> String {
        var lines: [String] = []
        for item in items {
            let place = Printable.line(item.place)
            lines.append(appearance.paint(place.isEmpty ? item.part : "\(item.part)  \(place)", .bold))
            if let left = item.left { lines.append(appearance.paint("  - \(Printable.line(left))", .red)) }
            if let right = item.right { lines.append(appearance.paint("  + \(Printable.line(right))", .green)) }
        }
        if items.isEmpty { lines.append("no difference") }
        func seconds(_ offset: Int64?) -> String { offset.map { "\(Amount.seconds($0)) s" } ?? "-" }
        let first = "first token \(seconds(leftArrivals.tokens.first)) \(appearance.arrow) "
        let total = "total \(seconds(leftArrivals.total)) \(appearance.arrow) \(seconds(rightArrivals.total))"
        lines.append(appearance.paint("timing  \(first)\(seconds(rightArrivals.tokens.first)), \(total)", .dim))
        return lines.joined(separator: "\n") + "\n"
    }

    /// `same`, `differences`, and the times of both.
    var json: JSONValue {
        func times(_ arrivals: Arrivals) -> JSONValue {
            .object([
                ("first_token_us", .optional(arrivals.tokens.first)), ("duration_us", .integer(arrivals.total)),
            ])
        }
        let differences = items.map { item in
            JSONValue.object([
                ("part", .string(item.part)), ("place", .string(item.place)), ("left", .optional(item.left)),
                ("right", .optional(item.right)),
            ])
        }
        return .object([
            ("same", .bool(isSame)), ("differences", .array(differences)), ("left", times(leftArrivals)),
            ("right", times(rightArrivals)),
        ])
    }
}
