// Attributes of a content item (PS3.3 Table C.17-5, and C.18 for its values).

internal import DICOMVocabulary

enum ContentItem {
    static let valueType = Tag(0x0040, 0xA040)
    static let conceptName = Tag(0x0040, 0xA043)
    static let text = Tag(0x0040, 0xA160)
    static let personName = Tag(0x0040, 0xA123)
    static let date = Tag(0x0040, 0xA121)
    static let time = Tag(0x0040, 0xA122)
    static let dateTime = Tag(0x0040, 0xA120)
    static let code = Tag(0x0040, 0xA168)
    static let uid = Tag(0x0040, 0xA124)
    static let measuredValues = Tag(0x0040, 0xA300)
    static let numericValue = Tag(0x0040, 0xA30A)
    static let units = Tag(0x0040, 0x08EA)
}
