// The disk's word, while an object is written.

package import DICOMVocabulary

/// Asked now and then between two fragments of an object: why no more of it may be written, or nil.
package typealias RoomCheck = () -> Failure?
