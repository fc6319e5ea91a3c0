extension TapeShelf {
    /// A bound on the work that a miss may cause.
    private static let comparedTapes = 1000
    /// How many tapes of a kind a report names.
    private static let named = 8

    func context(_ request: CanonicalRequest, _ scope: TapeScope?) -> MissReport.Context {
        MissReport.Context(request: request, directory: directory, scope: scope)
    }

    /// Why no tape of a scope answers a request.
    func report(unmatched request: CanonicalRequest, scope: TapeScope?) -> MissReport {
        let context = context(request, scope)
        let elsewhere = positions(Place(scope: nil, key: request.key)).lazy
            .filter { !Self.isVisible(entries[$0], in: scope) }
            .compactMap { position in entries[position].item.scope.map { (entries[position].item.name, $0) } }
            .prefix(Self.named)
        let unfinished = visible(in: scope).lazy
            .filter { !$0.item.isServable && $0.request.key.utf8.elementsEqual(request.key.utf8) }
            .map(\.item.name).prefix(Self.named)
        let (others, parts) = (Array(elsewhere), Array(unfinished))
        guard others.isEmpty, parts.isEmpty else {
            return MissReport(context, elsewhere: others, unfinished: parts)
        }
        let candidates = visible(in: scope).lazy.filter(\.item.isServable).prefix(Self.comparedTapes)
        return MissReport(unmatched: context, candidates: candidates.map { ($0.item.name, $0.request) })
    }
}
