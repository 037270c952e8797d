#pragma once
#ifdef __cplusplus
extern "C" {
#endif
int cdcmtk_version(void);
#ifdef __cplusplus
}
#endif
