/// A regular expression as instructions for a machine that follows all of its ways at once, so that no text takes it
/// back to where it was.
struct PatternProgram: Sendable {
    enum Instruction: Sendable {
        /// Takes a character of this set.
        case set(Int)
        /// Goes on at both places, the first one preferred.
        case split(Int, Int)
        case jump(Int)
        case assertion(PatternNode.Assertion)
        case match
    }

    private(set) var instructions: [Instruction] = []
    private(set) var sets: [ScalarSet] = []
    /// Which ASCII characters a match can begin with; others always may.
    private var beginnings = Array(repeating: false, count: 128)
    private var nodeCount = 0

    private static let largest = 4000
    /// Repetitions of nothing make no instructions, but they too take time.
    private static let mostNodes = 100_000

    init(_ node: PatternNode) throws(PatternError) {
        try add(node)
        try append(.match)
        findBeginnings()
    }

    func mayBegin(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value >= 128 || beginnings[Int(scalar.value)]
    }

    @discardableResult
    private mutating func append(_ instruction: Instruction) throws(PatternError) -> Int {
        guard instructions.count < Self.largest else { throw PatternError(message: "the pattern is too large") }
        instructions.append(instruction)
        return instructions.count - 1
    }

    private mutating func add(_ node: PatternNode) throws(PatternError) {
        nodeCount += 1
        guard nodeCount <= Self.mostNodes else { throw PatternError(message: "the pattern is too large") }
        switch node {
        case .empty: break
        case .set(let set):
            sets.append(set)
            try append(.set(sets.count - 1))
        case .assertion(let assertion): try append(.assertion(assertion))
        case .sequence(let nodes): for node in nodes { try add(node) }
        case .alternatives(let nodes):
            var jumps: [Int] = []
            for (index, node) in nodes.enumerated() {
                guard index < nodes.count - 1 else {
                    try add(node)
                    break
                }
                let split = try append(.split(0, 0))
                try add(node)
                jumps.append(try append(.jump(0)))
                instructions[split] = .split(split + 1, instructions.count)
            }
            for jump in jumps { instructions[jump] = .jump(instructions.count) }
        case .repeated(let node, let minimum, let maximum, let isGreedy):
            for _ in 0..<minimum { try add(node) }
            guard let maximum else {
                let split = try append(.split(0, 0))
                try add(node)
                try append(.jump(split))
                set(split, isGreedy)
                return
            }
            var splits: [Int] = []
            for _ in minimum..<max(minimum, maximum) {
                splits.append(try append(.split(0, 0)))
                try add(node)
            }
            for split in splits { set(split, isGreedy) }
        }
    }

    /// A way in and a way past, the preferred one first.
    private mutating func set(_ split: Int, _ isGreedy: Bool) {
        let end = instructions.count
        instructions[split] = isGreedy ? .split(split + 1, end) : .split(end, split + 1)
    }

    private mutating func findBeginnings() {
        var reached: Set<Int> = []
        var pending = [0]
        while let instruction = pending.popLast() {
            guard reached.insert(instruction).inserted else { continue }
            switch instructions[instruction] {
            case .set(let set):
                for value in 0..<128 where sets[set].contains(UInt32(value)) { beginnings[value] = true }
            case .split(let one, let other): pending += [one, other]
            case .jump(let next): pending.append(next)
            case .assertion: pending.append(instruction + 1)
            // An empty match doesn't count.
            case .match: break
            }
        }
    }
}
