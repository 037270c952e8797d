// Swift Testing has a type of this name too.

import DICOMVocabulary

typealias Tag = DICOMVocabulary.Tag
