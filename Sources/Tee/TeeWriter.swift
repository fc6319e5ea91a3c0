import Broadcast
import Dialects

/// Writes streams to a tee's target.
///
/// `@unchecked Sendable`: used on the tee's queue only, once made.
final class TeeWriter: @unchecked Sendable {
    /// Where one stream is written to. Used on the tee's queue only.
    final class Place {
        fileprivate let files: [TeeFormat: RotatingFile]
        fileprivate var text: TextFlow

        fileprivate init(files: [TeeFormat: RotatingFile], text: TextFlow) {
            self.files = files
            self.text = text
        }
    }

    private let target: TeeTarget
    private let formats: [TeeFormat]
    private let rotation: TeeRotation?
    private let streamFiles: StreamFiles?
    /// Where all streams go, while it is open; it is opened anew for the first stream behind a failure.
    private var shared: Place?

    init(_ target: TeeTarget, formats: [TeeFormat], rotation: TeeRotation?) {
        self.target = target
        self.formats = formats
        self.rotation = rotation
        if case .directory(let root, _) = target {
            streamFiles = StreamFiles(root: root, rotation: rotation)
        } else {
            streamFiles = nil
        }
    }

    /// Opens what a stream is written to.
    func begin(_ naming: StreamNaming, _ masks: StreamMasks) throws(TeeFailure) -> Place {
        if case .directory(_, let template) = target, let streamFiles {
            let names = template.names { naming.value($0, masking: masks.masking) }
            return Place(files: try streamFiles.make(names, formats), text: TextFlow(hasHeadings: false))
        }
        if let shared { return shared }
        let file =
            if case .file(let path) = target {
                try SharedFile.open(path, rotation: rotation)
            } else {
                SharedFile.standardOutput()
            }
        let files = Dictionary(uniqueKeysWithValues: formats.prefix(1).map { ($0, file) })
        let place = Place(files: files, text: TextFlow(hasHeadings: true))
        shared = place
        return place
    }

    func append(_ bytes: [UInt8], _ format: TeeFormat, to place: Place) throws(TeeFailure) {
        guard !bytes.isEmpty, let file = place.files[format] else { return }
        guard streamFiles != nil || place === shared else { throw TeeFailure.echo }
        do throws(TeeFailure) {
            try file.append(bytes)
        } catch {
            // The streams that share it have a gap now, so they end with it.
            if place === shared { shared = nil }
            throw error
        }
    }

    /// Appends what events say.
    func append(text events: [MaskedEvent], of info: StreamInfo, to place: Place) throws(TeeFailure) {
        guard let file = place.files[.text] else { return }
        var bytes: [UInt8] = []
        for event in events {
            place.text.append(event.event, of: info, isAtLineStart: file.isAtLineStart, to: &bytes)
        }
        let rotations = file.rotations
        try append(bytes, .text, to: place)
        if file.rotations != rotations { place.text.restart() }
    }
}
