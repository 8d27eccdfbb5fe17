package main

import (
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/input"
	"github.com/go-rod/rod/lib/launcher"
	"github.com/go-rod/rod/lib/proto"
)

// The slow line: 0.26 Mbit/s, as on a crowded ward's edge of coverage.
const (
	bytesASecond = 0.26e6 / 8
	latency      = 300 // ms
	width        = 375
)

// driven is a browser on the slow line.
type driven struct{ browser *rod.Browser }

func openBrowser(chromium string) (*driven, error) {
	at, err := launcher.New().Bin(chromium).Headless(true).NoSandbox(true).Launch()
	if err != nil {
		return nil, err
	}
	b := rod.New().ControlURL(at)
	return &driven{b}, b.Connect()
}

func (d *driven) close() { _ = d.browser.Close() } // the run is over

// phone is a page of a fresh profile, 375 pixels wide, that has seen nothing.
type phone struct {
	*rod.Page
	bytes   *float64
	taps    int
	letters int
}

func (d *driven) phone() (*phone, func(), error) {
	profile, err := d.browser.Incognito()
	if err != nil {
		return nil, nil, err
	}
	page, err := profile.Page(proto.TargetCreateTarget{})
	if err != nil {
		return nil, nil, err
	}
	p := &phone{Page: page.Timeout(2 * time.Minute), bytes: new(float64)}
	for _, call := range []interface{ Call(proto.Client) error }{
		proto.NetworkEnable{},
		proto.NetworkSetCacheDisabled{CacheDisabled: false},
		proto.NetworkEmulateNetworkConditions{Latency: latency, DownloadThroughput: bytesASecond, UploadThroughput: bytesASecond},
		proto.EmulationSetDeviceMetricsOverride{Width: width, Height: 812, DeviceScaleFactor: 2, Mobile: true},
	} {
		if err := call.Call(p.Page); err != nil {
			return nil, nil, err
		}
	}
	go p.EachEvent(func(e *proto.NetworkLoadingFinished) { *p.bytes += e.EncodedDataLength })()
	return p, func() { _ = profile.Close() }, nil
}

// see waits until the page has loaded and says when it first showed anything.
func (p *phone) see(address string) (paint, whole time.Duration, err error) {
	began := time.Now()
	if err := p.Navigate(address); err != nil {
		return 0, 0, err
	}
	if err := p.WaitLoad(); err != nil {
		return 0, 0, err
	}
	whole = time.Since(began)
	v, err := p.Eval(`() => new Promise(done => {
		const got = () => performance.getEntriesByName("first-contentful-paint")[0];
		const look = () => got() ? done(got().startTime) : requestAnimationFrame(look);
		look();
	})`)
	if err != nil {
		return 0, 0, err
	}
	return time.Duration(v.Value.Num() * float64(time.Millisecond)), whole, nil
}

// tap touches an element as a hand does.
func (p *phone) tap(selector string) (*rod.Element, error) {
	e, err := p.Element(selector)
	if err != nil {
		return nil, err
	}
	if err := e.ScrollIntoView(); err != nil {
		return nil, err
	}
	shape, err := e.Shape()
	if err != nil {
		return nil, err
	}
	box := shape.Box()
	if err := p.Mouse.MoveTo(proto.NewPoint(box.X+box.Width/2, box.Y+box.Height/2)); err != nil {
		return nil, err
	}
	p.taps++
	return e, p.Mouse.Click(proto.InputMouseButtonLeft, 1)
}

func (p *phone) write(selector, text string) error {
	if _, err := p.tap(selector); err != nil {
		return err
	}
	for _, r := range text {
		if err := p.Keyboard.Type(input.Key(r)); err != nil {
			return err
		}
		p.letters++
	}
	return nil
}

// card opens a scope card by its code, as a shift lead does who has never been here.
func card(me *visitor, d *driven, rounds int) ([]row, error) {
	if err := me.open("/placements"); err != nil {
		return nil, err
	}
	at, err := me.find(`href="(/placements/[0-9A-Za-z]+)"`)
	if err != nil {
		return nil, err
	}
	var paints, wholes []time.Duration
	var weight float64
	for range rounds {
		if err := me.open(at + "/card"); err != nil {
			return nil, err
		}
		if err := me.send(at+"/card/code", url.Values{}); err != nil {
			return nil, err
		}
		here, err := url.Parse(me.path)
		if err != nil {
			return nil, err
		}
		code := here.Query().Get("code")
		p, done, err := d.phone()
		if err != nil {
			return nil, err
		}
		paint, whole, err := p.see(me.base + "/card/" + code)
		if err == nil {
			_, err = p.ElementR("body", "not registered with the GMC")
		}
		weight = *p.bytes
		done()
		if err != nil {
			return nil, err
		}
		paints, wholes = append(paints, paint), append(wholes, whole)
	}
	slices.Sort(paints)
	slices.Sort(wholes)
	n := len(paints)
	return []row{{"scope card by its code on the slow line: first paint", secs(paints[n/2]), secs(paints[0]) + " to " + secs(paints[n-1])},
		{"  everything loaded", secs(wholes[n/2]), secs(wholes[0]) + " to " + secs(wholes[n-1])},
		{"  weight of the page with all it loads, as sent", fmt.Sprintf("%.1f kB", weight/1000), ""}}, nil
}

func secs(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }

// signOff goes from opening the link to done, as an assessor nobody knows yet.
func signOff(me *visitor, d *driven, rounds int) ([]row, error) {
	var took []time.Duration
	var taps, letters int
	for i := range rounds {
		link, err := asked(me, i)
		if err != nil {
			return nil, err
		}
		p, done, err := d.phone()
		if err != nil {
			return nil, err
		}
		began := time.Now()
		err = p.sign(link)
		took = append(took, time.Since(began))
		taps, letters = p.taps, p.letters
		done()
		if err != nil {
			return nil, err
		}
	}
	slices.Sort(took)
	n := len(took)
	return []row{{"sign-off from the open link to done on the slow line, an assessor nobody knows yet", secs(took[n/2]), secs(took[0]) + " to " + secs(took[n-1])},
		{"  taps; letters typed", fmt.Sprint(taps), fmt.Sprint(letters)}}, nil
}

// asked gives a link that works once, by the code that is read out.
func asked(me *visitor, i int) (string, error) {
	if err := me.open("/portfolio/new?kind=dops"); err != nil {
		return "", err
	}
	if err := me.send("/portfolio/new", url.Values{"title": {"Blood from a vein"}, "what": {"Took blood twice, both at the first try."}, "task": {"venepuncture"}, "level": {"2"},
		"on-day": {"28"}, "on-month": {"10"}, "on-year": {"2026"}}); err != nil {
		return "", err
	}
	if err := me.send("/ask", url.Values{"to": {""}, "name": {"Kavita Rao"}}); err != nil {
		return "", err
	}
	code, err := me.find(`: ([0-9A-Z]{9})\.`)
	if err != nil {
		return "", err
	}
	other, err := enter(me.base, "")
	if err != nil {
		return "", err
	}
	if err := other.open("/sign-off"); err != nil {
		return "", err
	}
	if err := other.send("/sign-off", url.Values{"code": {code}}); err != nil {
		return "", err
	}
	return me.base + other.path, nil
}

// sign is what the assessor does: the name is there already, the level too.
func (p *phone) sign(link string) error {
	if _, _, err := p.see(link); err != nil {
		return err
	}
	if _, err := p.tap(`input[name="saw"]`); err != nil {
		return err
	}
	role, err := p.tap(`select[name="role"]`)
	if err != nil {
		return err
	}
	p.taps++ // the choice in the open list, which the browser draws itself
	if err := role.Select([]string{"Consultant"}, true, rod.SelectorTypeText); err != nil {
		return err
	}
	if err := p.Keyboard.Press(input.Escape); err != nil {
		return err
	}
	if err := p.write(`input[name="gmc"]`, "9000001"); err != nil {
		return err
	}
	wait := p.WaitNavigation(proto.PageLifecycleEventNameLoad)
	if _, err := p.tap(`form button[type="submit"], form button:not([type])`); err != nil {
		return err
	}
	wait()
	_, err = p.ElementR("h1", "Thank you")
	return err
}
