package embedded

// Hold keeps every server away from a folder until release is called, for who copies
// it. It fails where a server runs on it.
func Hold(dir string) (release func(), err error) {
	lock, err := lockDir(dir)
	if err != nil {
		return nil, err
	}
	return func() { _ = lock.Close() }, nil // which gives the lock back
}
