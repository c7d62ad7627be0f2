import QtQuick

Rectangle {
    id: page
    width: 1080
    height: 1920
    color: "#F2F6F8"
    property date now: new Date()

    Timer { interval: 1000; running: true; repeat: true; onTriggered: page.now = new Date() }

    Rectangle {
        width: parent.width; height: 150; color: "#FFFFFF"
        Text { x: 48; y: 40; text: home.hall; font.family: home.face; font.pixelSize: 44; font.bold: true; color: "#102A3A" }
        Text {
            anchors.right: parent.right; anchors.rightMargin: 48; y: 40
            text: Qt.formatTime(page.now, "hh:mm:ss"); font.family: home.face; font.pixelSize: 52; color: "#102A3A"
        }
    }
    Text { x: 48; y: 200; text: home.title; font.family: home.face; font.pixelSize: 60; font.bold: true; color: "#102A3A" }
    Grid {
        x: 48; y: 330; columns: 3; columnSpacing: 30; rowSpacing: 30
        Repeater {
            model: home.tiles
            Rectangle {
                width: 308; height: 330; radius: 24
                color: area.pressed ? "#BFD9E6" : "#FFFFFF"
                border.width: 2; border.color: "#C9D6DE"
                Rectangle { x: 109; y: 60; width: 90; height: 90; radius: 45; color: "#0B5C86" }
                Text {
                    x: 12; y: 190; width: 284; horizontalAlignment: Text.AlignHCenter; wrapMode: Text.Wrap
                    text: modelData; font.family: home.face; font.pixelSize: 38; color: "#102A3A"
                }
                MouseArea { id: area; anchors.fill: parent }
            }
        }
    }
    Rectangle { y: 1790; width: 1080; height: 130; color: "#0B5C86" }
}
