package newsroom

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"strings"
	"time"

	"msw/internal/clock"
)

// SiteInfo is what a feed says of itself.
type SiteInfo struct {
	Title   string
	Base    string // "https://example.nhs.uk", no slash at the end
	Notice  string // said in every answer of the demo
	Pieces  []Piece
	Changed clock.Instant
}

func (s SiteInfo) subtitle() string {
	return strings.TrimSpace("News and stories of the programme. " + s.Notice)
}

// guid is an item's name for good: it outlives a change of address or title.
func guid(p Piece) string { return "urn:uuid:" + p.ID }

func (p Piece) category() string {
	if p.Kind == Story {
		return "Stories"
	}
	return p.Category
}

func stamp(i clock.Instant) string { return i.Time().UTC().Format(time.RFC3339) }

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr,omitempty"`
	Href string `xml:"href,attr"`
}

type atomText struct {
	Type string `xml:"type,attr"`
	Text string `xml:",chardata"`
}

type atomCategory struct {
	Term string `xml:"term,attr"`
}

type atomEntry struct {
	ID        string       `xml:"id"`
	Title     string       `xml:"title"`
	Link      atomLink     `xml:"link"`
	Published string       `xml:"published"`
	Updated   string       `xml:"updated"`
	Author    string       `xml:"author>name"`
	Category  atomCategory `xml:"category"`
	Summary   string       `xml:"summary"`
	Content   atomText     `xml:"content"`
}

// Atom writes the feed as RFC 4287 says.
func (s SiteInfo) Atom() ([]byte, error) {
	feed := struct {
		XMLName  xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
		Lang     string      `xml:"xml:lang,attr"`
		ID       string      `xml:"id"`
		Title    string      `xml:"title"`
		Subtitle string      `xml:"subtitle"`
		Updated  string      `xml:"updated"`
		Links    []atomLink  `xml:"link"`
		Entries  []atomEntry `xml:"entry"`
	}{Lang: "en-GB", ID: s.Base + "/news/feed.atom", Title: s.Title, Subtitle: s.subtitle(), Updated: stamp(s.Changed),
		Links: []atomLink{{"self", "application/atom+xml", s.Base + "/news/feed.atom"}, {"alternate", "text/html", s.Base + "/news"}}}
	for _, p := range s.Pieces {
		feed.Entries = append(feed.Entries, atomEntry{ID: guid(p), Title: p.Text.Title, Link: atomLink{"alternate", "text/html", s.Base + p.Path()},
			Published: stamp(p.PublishedAt), Updated: stamp(p.ChangedAt), Author: p.Text.Author, Category: atomCategory{p.category()},
			Summary: p.Text.Summary, Content: atomText{"text", Plain(p.Text.Body)}})
	}
	return document(feed)
}

type rssItem struct {
	Title    string  `xml:"title"`
	Link     string  `xml:"link"`
	GUID     rssGUID `xml:"guid"`
	Date     string  `xml:"pubDate"`
	Category string  `xml:"category"`
	Text     string  `xml:"description"`
}

type rssGUID struct {
	PermaLink bool   `xml:"isPermaLink,attr"`
	Text      string `xml:",chardata"`
}

type rssChannel struct {
	Title    string `xml:"title"`
	Link     string `xml:"link"`
	Text     string `xml:"description"`
	Language string `xml:"language"`
	Built    string `xml:"lastBuildDate"`
	Self     struct {
		Rel  string `xml:"rel,attr"`
		Type string `xml:"type,attr"`
		Href string `xml:"href,attr"`
	} `xml:"http://www.w3.org/2005/Atom link"`
	Items []rssItem `xml:"item"`
}

// RSS writes the feed as RSS 2.0.
func (s SiteInfo) RSS() ([]byte, error) {
	c := rssChannel{Title: s.Title, Link: s.Base + "/news", Text: s.subtitle(), Language: "en-gb", Built: s.Changed.Time().UTC().Format(time.RFC1123Z)}
	c.Self.Rel, c.Self.Type, c.Self.Href = "self", "application/rss+xml", s.Base+"/news/feed.rss"
	for _, p := range s.Pieces {
		c.Items = append(c.Items, rssItem{Title: p.Text.Title, Link: s.Base + p.Path(), GUID: rssGUID{false, guid(p)},
			Date: p.PublishedAt.Time().UTC().Format(time.RFC1123Z), Category: p.category(), Text: p.Text.Summary})
	}
	return document(struct {
		XMLName xml.Name   `xml:"rss"`
		Version string     `xml:"version,attr"`
		Channel rssChannel `xml:"channel"`
	}{Version: "2.0", Channel: c})
}

type jsonAuthor struct {
	Name string `json:"name"`
}

type jsonItem struct {
	ID        string       `json:"id"`
	URL       string       `json:"url"`
	Title     string       `json:"title"`
	Summary   string       `json:"summary"`
	Content   string       `json:"content_text"`
	Published string       `json:"date_published"`
	Modified  string       `json:"date_modified"`
	Authors   []jsonAuthor `json:"authors"`
	Tags      []string     `json:"tags"`
}

// JSON writes the feed as JSON Feed 1.1.
func (s SiteInfo) JSON() ([]byte, error) {
	items := []jsonItem{}
	for _, p := range s.Pieces {
		items = append(items, jsonItem{ID: guid(p), URL: s.Base + p.Path(), Title: p.Text.Title, Summary: p.Text.Summary, Content: Plain(p.Text.Body),
			Published: stamp(p.PublishedAt), Modified: stamp(p.ChangedAt), Authors: []jsonAuthor{{p.Text.Author}}, Tags: []string{p.category()}})
	}
	return json.MarshalIndent(struct {
		Version     string     `json:"version"`
		Title       string     `json:"title"`
		Description string     `json:"description"`
		HomePage    string     `json:"home_page_url"`
		Feed        string     `json:"feed_url"`
		Language    string     `json:"language"`
		Items       []jsonItem `json:"items"`
	}{"https://jsonfeed.org/version/1.1", s.Title, s.subtitle(), s.Base + "/news", s.Base + "/news/feed.json", "en-GB", items}, "", "  ")
}

// Sitemap lists the public pages and what search engines may be told of.
func (s SiteInfo) Sitemap(pages []string) ([]byte, error) {
	type entry struct {
		Loc     string `xml:"loc"`
		LastMod string `xml:"lastmod,omitempty"`
	}
	var all []entry
	for _, p := range pages {
		all = append(all, entry{Loc: s.Base + p})
	}
	for _, p := range s.Pieces {
		all = append(all, entry{s.Base + p.Path(), p.ChangedAt.Local().String()})
	}
	return document(struct {
		XMLName xml.Name `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 urlset"`
		URLs    []entry  `xml:"url"`
	}{URLs: all})
}

func document(v any) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(xml.Header)
	enc := xml.NewEncoder(&b)
	enc.Indent("", "  ")
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	b.WriteByte('\n')
	return b.Bytes(), nil
}
