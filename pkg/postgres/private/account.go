package private

import (
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// account is the user whom the server runs as. The zero value is the user of
// this process; PostgreSQL refuses to run as root, so for root it is another one.
type account struct {
	drop     bool
	name     string
	uid, gid uint32
}

// accountFor chooses the owner of a cluster that is already there, so that a
// folder made by an ordinary user goes on to be usable by that user; else the
// user postgres, and nobody where there is none.
func accountFor(data string) (account, error) {
	if os.Geteuid() != 0 {
		return account{}, nil
	}
	if info, err := os.Stat(data); err == nil {
		if owner := info.Sys().(*syscall.Stat_t); owner.Uid != 0 {
			return account{drop: true, name: fmt.Sprintf("user %d", owner.Uid), uid: owner.Uid, gid: owner.Gid}, nil
		}
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.ParseInt(u.Uid, 10, 64)
		if err != nil {
			return account{}, fmt.Errorf("user %s: %w", name, err)
		}
		gid, err := strconv.ParseInt(u.Gid, 10, 64)
		if err != nil {
			return account{}, fmt.Errorf("user %s: %w", name, err)
		}
		// Some systems give nobody the id -2.
		return account{drop: true, name: name, uid: uint32(uid), gid: uint32(gid)}, nil
	}
	return account{}, fmt.Errorf("%w: there is neither a user postgres nor a user nobody", ErrUnreachable)
}

// own gives a file or folder to the account.
func (a account) own(path string) error {
	if !a.drop {
		return nil
	}
	return os.Chown(path, int(a.uid), int(a.gid))
}

// sysProcAttr puts the server into a process group of its own, so that Ctrl-C
// in a terminal reaches only us, and we end the server when nobody needs it any more.
func (a account) sysProcAttr() *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Setpgid: true}
	if a.drop {
		attr.Credential = &syscall.Credential{Uid: a.uid, Gid: a.gid}
	}
	return attr
}

// reach returns ErrUnreachable where the account may not pass one of the
// folders above dir; PostgreSQL itself would say that in a riddle.
func (a account) reach(dir string) error {
	if !a.drop {
		return nil
	}
	real, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return err
	}
	for parent := filepath.Dir(real); ; parent = filepath.Dir(parent) {
		info, err := os.Stat(parent)
		if err != nil {
			return err
		}
		if !a.mayPass(info) {
			return fmt.Errorf("%s: %w (%s may not pass %s): choose another --data", dir, ErrUnreachable, a.name, parent)
		}
		if parent == filepath.Dir(parent) {
			return nil
		}
	}
}

func (a account) mayPass(folder os.FileInfo) bool {
	owner := folder.Sys().(*syscall.Stat_t)
	switch mode := folder.Mode().Perm(); {
	case owner.Uid == a.uid:
		return mode&0o100 != 0
	case owner.Gid == a.gid:
		return mode&0o010 != 0
	default:
		return mode&0o001 != 0
	}
}
