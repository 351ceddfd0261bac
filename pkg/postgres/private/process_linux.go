package private

import "syscall"

// dieWithParent has the kernel send the child an immediate shutdown when its
// parent dies.
func dieWithParent(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGQUIT }
