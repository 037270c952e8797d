// The text exposition format of Prometheus, version 0.0.4.

import Foundation
import Gateway

/// https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
enum MetricsText {
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// All samples of a name stand together under one HELP and one TYPE; a series that repeats is written once.
    static func write(_ samples: [MetricSample]) -> String {
        var order: [String] = []
        var families: [String: [MetricSample]] = [:]
        for sample in samples {
            let name = metricName(sample.name)
            if families[name] == nil { order.append(name) }
            families[name, default: []].append(sample)
        }
        var text = ""
        for name in order {
            guard let family = families[name], let first = family.first else { continue }
            text += "# HELP \(name) \(escaped(first.help, quote: false))\n# TYPE \(name) \(first.kind.rawValue)\n"
            var written = Set<String>()
            for sample in family {
                let series = name + labels(sample.labels)
                if written.insert(series).inserted { text += "\(series) \(number(sample.value))\n" }
            }
        }
        return text
    }

    private static func labels(_ labels: [String: String]) -> String {
        guard !labels.isEmpty else { return "" }
        let pairs = labels.sorted { $0.key < $1.key }.map { key, value in
            "\(labelName(key))=\"\(escaped(value, quote: true))\""
        }
        return "{" + pairs.joined(separator: ",") + "}"
    }

    private static func escaped(_ text: String, quote: Bool) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where quote: result += "\\\""
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        if let whole = Int64(exactly: value) { return String(whole) }
        return "\(value)"
    }

    private static func metricName(_ name: String) -> String { legal(name, also: "_:") }

    private static func labelName(_ name: String) -> String { legal(name, also: "_") }

    /// ASCII letters, digits and `also`; not a digit first.
    private static func legal(_ name: String, also: String) -> String {
        let text = String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber) || also.contains($0) ? $0 : "_" })
        return text.first.map { $0.isNumber } ?? true ? "_" + text : text
    }
}
