// What holds for the whole process.
#pragma once

#include "cdcmtk_status.h"

CDCMTK_BEGIN

// Silences DCMTK's log, which may hold patient data, and sets its global flags. The first call does the work; every
// other entry of this library that needs it calls it.
void cdcmtk_prepare(void);

// Whether DCMTK has its data dictionary, with all of the standard's attributes (DcmDataDictionary); where not it is read again.
// Without it implicit VR cannot be read.
bool cdcmtk_dictionary_is_loaded(void);

CDCMTK_END
