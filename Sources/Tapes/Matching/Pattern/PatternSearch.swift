/// Runs a program over a text: every way that may still match is one thread, at one character at a time.
///
/// The work is at most the text's length times the program's, however the pattern is made up. Threads are kept in the
/// order of preference, so what is found is what a backtracking matcher would find first.
struct PatternSearch {
    private struct Thread {
        var instruction: Int
        /// Where its match would begin.
        var start: Int
    }

    private let program: PatternProgram
    private let text: [Unicode.Scalar]
    private var threads: [Thread] = []
    private var following: [Thread] = []
    /// At which position each instruction was last reached, so that none has two threads.
    private var reached: [Int]
    private var pending: [Int] = []
    /// How many steps may still be taken.
    private(set) var budget: Int

    init(_ program: PatternProgram, _ text: [Unicode.Scalar], budget: Int) {
        self.program = program
        self.text = text
        self.budget = budget
        reached = Array(repeating: -1, count: program.instructions.count)
    }

    /// The first match from a position on that isn't empty; nil where there is none or the budget is used up.
    mutating func next(from start: Int) -> Range<Int>? {
        threads.removeAll(keepingCapacity: true)
        for index in reached.indices { reached[index] = -1 }
        budget -= reached.count
        var found: Range<Int>?
        var position = start
        while position <= text.count, budget > 0 {
            if threads.isEmpty {
                // Nothing is under way: on to where something can begin.
                guard found == nil, let begin = text[position...].firstIndex(where: program.mayBegin) else { break }
                position = begin
            }
            if found == nil { follow(0, from: position, at: position, into: .current) }
            following.removeAll(keepingCapacity: true)
            for thread in threads {
                budget -= 1
                switch program.instructions[thread.instruction] {
                case .set(let set):
                    guard position < text.count, program.sets[set].contains(text[position].value) else { continue }
                    follow(thread.instruction + 1, from: thread.start, at: position + 1, into: .following)
                case .match where thread.start < position:
                    found = thread.start..<position
                default: continue
                }
                // Those behind it are less preferred.
                if case .match = program.instructions[thread.instruction] { break }
            }
            swap(&threads, &following)
            position += 1
        }
        return budget > 0 ? found : nil
    }

    private enum Target {
        case current
        case following
    }

    /// Adds the threads that an instruction leads to without taking a character.
    private mutating func follow(_ first: Int, from start: Int, at position: Int, into target: Target) {
        pending.append(first)
        while let instruction = pending.popLast() {
            budget -= 1
            guard reached[instruction] != position else { continue }
            reached[instruction] = position
            switch program.instructions[instruction] {
            case .jump(let next): pending.append(next)
            case .split(let preferred, let other):
                pending.append(other)
                pending.append(preferred)
            case .assertion(let assertion):
                if holds(assertion, at: position) { pending.append(instruction + 1) }
            case .set, .match:
                let thread = Thread(instruction: instruction, start: start)
                switch target {
                case .current: threads.append(thread)
                case .following: following.append(thread)
                }
            }
        }
    }

    private func holds(_ assertion: PatternNode.Assertion, at position: Int) -> Bool {
        switch assertion {
        case .start: position == 0
        case .end: position == text.count
        case .wordBoundary: isWord(position - 1) != isWord(position)
        case .noWordBoundary: isWord(position - 1) == isWord(position)
        }
    }

    private func isWord(_ position: Int) -> Bool {
        text.indices.contains(position) && ScalarSet.word.contains(text[position].value)
    }
}
