/// How output may look: what its reader, a terminal or a program, can show.
public struct Appearance: Sendable, Hashable {
    /// How many columns there are; nil where lines may be of any length.
    public var width: Int?
    /// Whether colours may be used.
    public var hasColours: Bool
    /// Whether more than ASCII can be shown.
    public var isUnicode: Bool

    public init(width: Int? = nil, hasColours: Bool = false, isUnicode: Bool = true) {
        self.width = width
        self.hasColours = hasColours
        self.isUnicode = isUnicode
    }

    /// For files, pipes and other programs.
    public static let plain = Appearance()

    enum Colour: String {
        case bold = "1"
        case dim = "2"
        case red = "31"
        case green = "32"
        case yellow = "33"
        case cyan = "36"
    }

    func paint(_ text: String, _ colour: Colour?) -> String {
        guard hasColours, let colour, !text.isEmpty else { return text }
        return "\u{1B}[\(colour.rawValue)m\(text)\u{1B}[0m"
    }

    var arrow: String { isUnicode ? "→" : "->" }
    var ellipsis: String { isUnicode ? "…" : "..." }
}
