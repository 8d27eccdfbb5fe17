package demo

import (
	"fmt"
	"strings"
)

// host is one fictional organisation in ODS shape. Codes beginning RZ, Z and QZ
// are not in use by the Organisation Data Service.
type host struct {
	code, name, region, icb, outcode string
	practice                         bool
}

var towns = map[string][]string{
	"Y56": {"Lambourne Vale", "Eastwater", "Thornhill Park", "Northgate", "Riverside", "Kingsmere"},
	"Y58": {"Severnside", "Mendip Gate", "Tamar Bay"}, "Y59": {"Downs View", "Channel Coast", "Oxmoor", "Weald Forest"},
	"Y60": {"Trentford", "Charnwood Edge", "Blackmoor", "Severn Valley", "Sherwood Gate"}, "Y61": {"Fenlands", "Broadwater", "Orwell Bank"},
	"Y62": {"Irwell Valley", "Mersey Gate", "Pennine West", "Ribble Bank"}, "Y63": {"Aire Valley", "Don Bank", "Tyne Head", "Humber Gate"},
}

// hosts lists the demo's trusts and practices, three trusts and five practices
// for every town of every region.
func hosts() []host {
	var out []host
	trust, practice := 0, 0
	for i, r := range regions {
		icb := fmt.Sprintf("QZ%c", 'A'+i)
		for t, town := range towns[r.code] {
			outcode := r.outcodes[t%len(r.outcodes)]
			for _, kind := range []string{"University Hospitals NHS Foundation Trust", "Community and Mental Health NHS Trust"} {
				out = append(out, host{code: "RZ" + string("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[trust%36]) + strings.Repeat("Z", trust/36), name: town + " " + kind, region: r.code, icb: icb, outcode: outcode})
				trust++
			}
			for _, kind := range []string{"Health Centre", "Family Practice", "Medical Centre"} {
				practice++
				out = append(out, host{code: fmt.Sprintf("Z%05d", practice), name: town + " " + kind, region: r.code, icb: icb, outcode: outcode, practice: true})
			}
		}
	}
	return out
}

// odsFiles writes the fictional organisations as the national service writes
// real ones, so that they come in through the same import.
func odsFiles(list []host) (icbs, trusts, practices string) {
	var i, t, p strings.Builder
	i.WriteString("ICB24CD,ICB24CDH,ICB24NM\n")
	for n, r := range regions {
		fmt.Fprintf(&i, "E5499990%d,QZ%c,NHS Fictional %s Integrated Care Board\n", n, 'A'+n, towns[r.code][0])
	}
	for _, h := range list {
		postcode := h.outcode + " 9ZZ"
		row := []string{h.code, strings.ToUpper(h.name), h.region, h.icb, "1 FICTION STREET", "", "", strings.ToUpper(strings.Fields(h.name)[0]), "", postcode, "20100401", "", "", "", "", "", "", "", "", "", "", "1", "", "", "", "", ""}
		if h.practice {
			row[12], row[13], row[14], row[25] = "A", "B", "99Z", "4"
			fmt.Fprintln(&p, quoted(row))
			continue
		}
		row[23] = "B"
		fmt.Fprintln(&t, quoted(row))
	}
	return i.String(), t.String(), p.String()
}

func quoted(row []string) string { return `"` + strings.Join(row, `","`) + `"` }
