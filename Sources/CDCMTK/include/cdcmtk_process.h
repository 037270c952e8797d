// What holds for the whole process.
#pragma once

#include "cdcmtk_status.h"

CDCMTK_BEGIN

// Silences DCMTK's log, which may hold patient data, and sets its global flags. The first call does the work; every
// other entry of this library that needs it calls it.
void cdcmtk_prepare(void);

// Has DCMTK read its data dictionary (DcmDataDictionary), again where it could not be read before. False without all of the
// standard's attributes: implicit VR cannot be read then.
bool cdcmtk_load_dictionary(void);

CDCMTK_END
