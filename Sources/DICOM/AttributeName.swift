// What an attribute is called.

internal import CDCMTK
package import DICOMVocabulary

package enum AttributeName {
    /// The keyword of PS3.6 (DcmDataDictionary, 2022b); empty for private and newer ones.
    package static func of(_ tag: Tag) -> String {
        guard !tag.isPrivate else { return "" }
        var text = [CChar](repeating: 0, count: 128)
        guard cdcmtk_tag_name(tag.rawValue, &text, text.count) else { return "" }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
