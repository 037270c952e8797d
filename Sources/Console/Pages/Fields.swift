// A model's values by name, for the templates.

import Mustache

/// The stored properties of a model and of what it holds, read once. Left to itself swift-mustache reflects on a whole row
/// anew for each word of it, and on all rows around it for each word that is none of theirs. A value that is nil is absent.
struct Fields: MustacheParent {
    private let values: [String: Any]

    init(_ model: Any) {
        var values: [String: Any] = [:]
        for (label, value) in Mirror(reflecting: model).children {
            if let label { values[label] = Self.readable(value) }
        }
        self.values = values
    }

    func child(named name: String) -> Any? { values[name] }

    /// What templates can walk, or nil for nothing.
    static func readable(_ value: Any) -> Any? {
        if value is String { return value }
        let mirror = Mirror(reflecting: value)
        return switch mirror.displayStyle {
        case .optional: mirror.children.first.flatMap { readable($0.value) }
        case .collection: mirror.children.compactMap { readable($0.value) }
        case .struct: Fields(value)
        default: value
        }
    }
}
