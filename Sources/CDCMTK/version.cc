#include "CDCMTK.h"
#include "dcmtk/config/osconfig.h"
#include "dcmtk/dcmdata/dctk.h"
int cdcmtk_version(void) { return PACKAGE_VERSION_NUMBER; }
