extension TapeShelf {
    /// A bound on the work that a miss may cause.
    private static let comparedTapes = 1000

    /// Why no tape of a scope answers a request.
    func report(unmatched request: CanonicalRequest, scope: TapeScope?) -> MissReport {
        let candidates = visible(in: scope).lazy.filter(\.item.isServable).prefix(Self.comparedTapes)
        return MissReport(unmatched: request, candidates: candidates.map { ($0.item.name, $0.request) })
    }
}
