using System.Text;
using CobraAD.Serialization;

namespace CobraAD.Tests.Serialization;

public sealed class StateKindTests
{
    private static readonly StateKind Kind = new("the state of a test", "CobraAD test", 2);

    [Theory]
    [InlineData("")]
    [InlineData("C")]
    [InlineData("somebody's work of many years")]
    [InlineData("CobraAD test 2 without the length before it")]
    public void Another_file_is_not_to_be_deleted(string content)
    {
        InvalidDataException refusal = Refusal(Encoding.UTF8.GetBytes(content));

        Assert.Equal("'f' is not the state of a test. Name another file; this one was left as it is.", refusal.Message);
    }

    [Fact]
    public void One_of_another_version_is_called_so() => Assert.Contains("is the state of a test of another version: expected 'CobraAD test 2', found 'CobraAD test 1'. Delete it", Refusal([14, .. "CobraAD test 1"u8]).Message, StringComparison.Ordinal);

    [Fact]
    public void One_of_the_kind_is_read_on_after_its_beginning()
    {
        using MemoryStream stream = new();
        using BinaryWriter writer = new(stream);
        writer.Write(Kind.Magic);
        writer.Write(5);

        Kind.Require("f", stream);

        Assert.Equal(5, new BinaryReader(stream).ReadInt32());
    }

    private static InvalidDataException Refusal(byte[] content)
    {
        using MemoryStream stream = new(content);
        return Assert.Throws<InvalidDataException>(() => Kind.Require("f", stream));
    }
}
