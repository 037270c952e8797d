/* A disk that lies, for the control of the power cut: with this preloaded nothing is ever flushed. */
int fsync(int descriptor) { (void)descriptor; return 0; }
int fdatasync(int descriptor) { (void)descriptor; return 0; }
