import Broadcast
import Dialects

/// Writes streams to a tee's target.
///
/// `@unchecked Sendable`: used on the tee's queue only, once made.
final class TeeWriter: @unchecked Sendable {
    /// Where one stream is written to. Used on the tee's queue only.
    final class Place {
        fileprivate var files: [TeeFormat: RotatingFile]
        fileprivate var text: TextFlow
        /// Whether it was said why nothing more is written there.
        fileprivate var hasFailed = false

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
    func begin(_ naming: StreamNaming) throws(TeeFailure) -> Place {
        if case .directory(_, let template) = target, let streamFiles {
            let names = template.names { naming.value($0) }
            return Place(files: try streamFiles.make(names, formats), text: TextFlow(hasHeadings: false))
        }
        if let shared {
            switch shared.files.values.first?.whereabouts {
            case .inPlace: return shared
            case .moved:
                // As log rotators do: what is written from now on goes into a file of the old name.
                shared.files = try openShared()
                shared.text.restart()
                return shared
            case .removed, nil: break
            }
        }
        let place = Place(files: try openShared(), text: TextFlow(hasHeadings: true))
        shared = place
        return place
    }

    private func openShared() throws(TeeFailure) -> [TeeFormat: RotatingFile] {
        let file =
            if case .file(let path) = target {
                try SharedFile.open(path, rotation: rotation)
            } else {
                SharedFile.standardOutput()
            }
        return Dictionary(uniqueKeysWithValues: formats.prefix(1).map { ($0, file) })
    }

    func append(_ bytes: [UInt8], _ format: TeeFormat, to place: Place) throws(TeeFailure) {
        guard !bytes.isEmpty, let file = place.files[format] else { return }
        guard streamFiles != nil || place === shared else {
            throw place.hasFailed ? TeeFailure.echo : TeeFailure("its file was removed")
        }
        do throws(TeeFailure) {
            try file.append(bytes)
        } catch {
            // The streams that share it have a gap now, so they end with it.
            if place === shared { shared = nil }
            place.hasFailed = true
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
