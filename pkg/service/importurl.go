package service

import "strings"

// ImportURL returns where people look at an import.
func (c Config) ImportURL(id string) string {
	return strings.TrimRight(c.PublicURL, "/") + "/imports/" + id
}

// DownloadURL returns where the archive of an export is downloaded, by who is signed in.
func (c Config) DownloadURL(id string) string {
	return strings.TrimRight(c.PublicURL, "/") + "/v1/exports/" + id
}
