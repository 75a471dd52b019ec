using CobraAD.Server.Watching;

namespace CobraAD.Server.Tests.Watching;

public sealed class AnnouncerTests
{
    [Fact]
    public void A_folder_that_cannot_be_listened_to_is_said_once_and_ends_nothing()
    {
        using TemporaryFolder folder = new();
        List<string> said = [];
        using Announcer announcer = new(folder.File("away"), TimeProvider.System, () => { }, (name, _) => said.Add(name));

        for (int i = 0; i < 3; i++) announcer.Listen();

        Assert.Equal([folder.File("away")], said);
    }

    [Fact]
    public void An_arriving_file_is_announced()
    {
        using TemporaryFolder folder = new();
        using ManualResetEventSlim announced = new();
        using Announcer announcer = new(folder.Path, TimeProvider.System, announced.Set, (_, reason) => Assert.Fail(reason));
        announcer.Listen();

        File.WriteAllText(folder.File("part.png"), "x");

        Assert.True(announced.Wait(TimeSpan.FromMinutes(1)));
    }
}
