package service

import "strings"

// ImportURL returns where people look at an import.
func (c Config) ImportURL(id string) string {
	return strings.TrimRight(c.PublicURL, "/") + "/imports/" + id
}
