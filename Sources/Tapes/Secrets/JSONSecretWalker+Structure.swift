/// Where in the JSON a value stands, and where a frame begins and ends.
extension JSONSecretWalker {
    mutating func beginValue(at position: Int) {
        guard levels.count <= 1 else { return }
        if levels.isEmpty || isRootArray {
            frameStart = position
            path = Self.root
            streams.beginFrame()
        }
    }

    /// Whether the values on this level are frames: those of an array that is the whole body, as Gemini streams it.
    var isRootArray: Bool { levels.count == 1 && !levels[0].isObject }

    mutating func open(_ isObject: Bool, at position: Int) {
        guard levels.count < Self.deepest else {
            surplus += 1
            return
        }
        if levels.isEmpty, !isObject {
            joins = true
        } else {
            beginValue(at: position)
        }
        let outer = levels.last
        let path = levels.isEmpty || isRootArray ? Self.root : self.path
        var object = outer?.object ?? -1
        if isObject {
            let isElement = outer.map { !$0.isObject } ?? false
            let position = isElement && !isRootArray ? outer?.element ?? 0 : 0
            if joins { object = streams.addObject(in: object, position: position) }
        }
        levels.append(Level(isObject: isObject, path: isObject ? path : SecretStreams.mix(path, 0x5B), object: object))
        expectsName = isObject
        role = .none
        if !isObject { enterElement() }
    }

    mutating func close(_ rules: SecretRules, _ masks: inout SecretMasks) {
        expectsName = false
        role = .none
        if surplus > 0 {
            surplus -= 1
        } else if levels.popLast() != nil {
            endValue(rules, &masks)
        }
    }

    mutating func endValue(_ rules: SecretRules, _ masks: inout SecretMasks) {
        guard levels.count <= 1, levels.isEmpty || isRootArray else { return }
        settle(rules, &masks)
        // What comes behind a whole document is one more: it was a stream of them after all.
        if levels.isEmpty { joins = true }
    }

    mutating func settle(_ rules: SecretRules, _ masks: inout SecretMasks) {
        streams.endFrame(rules, &masks)
        frameStart = nil
        recordStart = nil
    }

    mutating func nextItem() {
        guard surplus == 0, let last = levels.indices.last else { return }
        role = .none
        expectsName = levels[last].isObject
        if !levels[last].isObject {
            levels[last].element += 1
            enterElement()
        }
    }

    /// A container among the elements is told apart by what is in it, a string by its place.
    private mutating func enterElement() {
        guard let level = levels.last else { return }
        path = level.path
    }
}
