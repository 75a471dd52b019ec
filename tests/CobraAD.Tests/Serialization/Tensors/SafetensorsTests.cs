using System.Buffers.Binary;
using System.Text;
using System.Text.Json.Nodes;
using CobraAD.Serialization;
using CobraAD.Serialization.Tensors;
using static TorchSharp.torch;

namespace CobraAD.Tests.Serialization.Tensors;

public sealed class SafetensorsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Theory]
    [InlineData(ScalarType.Float64)]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Int64)]
    [InlineData(ScalarType.Int32)]
    [InlineData(ScalarType.Int16)]
    [InlineData(ScalarType.Int8)]
    [InlineData(ScalarType.Byte)]
    [InlineData(ScalarType.Bool)]
    public void Every_element_type_comes_back_bit_for_bit(ScalarType type)
    {
        using IDisposable scope = NewDisposeScope();
        Tensor tensor = arange(0, 24, ScalarType.Float32).sub(type is ScalarType.Byte ? 0 : 7).reshape(2, 3, 4).to(type);
        Dictionary<string, Tensor> tensors = new() { ["a"] = tensor, ["scalar"] = ones([], type), ["none"] = zeros([0, 5], type) };

        Safetensors.Write(folder.File("t.safetensors"), tensors);
        using TensorBundle bundle = Safetensors.Read(folder.File("t.safetensors"));

        Assert.Equal(["a", "none", "scalar"], bundle.Tensors.Keys.Order());
        foreach ((string name, Tensor expected) in tensors)
        {
            Tensor found = bundle.Tensors[name];
            Assert.Equal(type, found.dtype);
            Assert.Equal(expected.shape, found.shape);
            Assert.True(found.eq(expected).all().item<bool>());
        }
    }

    [Fact]
    public void Views_gradients_and_not_a_number_survive()
    {
        using IDisposable scope = NewDisposeScope();
        Tensor storage = arange(0, 100, ScalarType.Float32);
        Tensor transposed = storage.reshape(10, 10).t();
        Tensor tail = storage.narrow(0, 90, 10);
        Tensor parameter = tensor(new[] { float.NaN, float.NegativeInfinity, -0f }).requires_grad_();

        Safetensors.Write(folder.File("t.safetensors"), new Dictionary<string, Tensor> { ["transposed"] = transposed, ["tail"] = tail, ["parameter"] = parameter });
        using TensorBundle bundle = Safetensors.Read(folder.File("t.safetensors"));

        Assert.True(bundle.Tensors["transposed"].eq(transposed).all().item<bool>());
        Assert.Equal(90f, bundle.Tensors["tail"][0].item<float>());
        Assert.Equal(parameter.detach().bytes.ToArray(), bundle.Tensors["parameter"].bytes.ToArray());
        Assert.False(bundle.Tensors["parameter"].requires_grad);
    }

    [Fact]
    public void A_tensor_larger_than_one_slice_comes_back_whole()
    {
        using Generator rng = new(5, CPU);
        using Tensor large = randint(0, 256, [9_000_001], ScalarType.Byte, CPU, generator: rng);

        Safetensors.Write(folder.File("t.safetensors"), new Dictionary<string, Tensor> { ["large"] = large });
        using TensorBundle bundle = Safetensors.Read(folder.File("t.safetensors"));

        Assert.True(bundle.Tensors["large"].eq(large).all().item<bool>());
    }

    [SkippableFact]
    [Trait("Category", "Slow")]
    public void A_tensor_beyond_two_gibibytes_comes_back_whole()
    {
        Skip.If(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes < 8L << 30 || new DriveInfo(folder.Path).AvailableFreeSpace < 4L << 30, "Needs 8 GiB of memory and 4 GiB of disk.");
        const long count = (2L << 30) + 4097;
        using Tensor large = zeros([count], ScalarType.Byte);
        using (Tensor last = large.narrow(0, count - 3, 3)) last.fill_(77);

        Safetensors.Write(folder.File("t.safetensors"), new Dictionary<string, Tensor> { ["large"] = large });
        using TensorBundle bundle = Safetensors.Read(folder.File("t.safetensors"));

        using Tensor sum = bundle.Tensors["large"].sum();
        using Tensor lastRead = bundle.Tensors["large"][count - 1];
        Assert.Equal(3 * 77, sum.item<long>());
        Assert.Equal(77, lastRead.item<byte>());
    }

    [Fact]
    public void Metadata_and_unusual_names_come_back()
    {
        using Tensor one = ones(1);
        Dictionary<string, string> metadata = new() { ["made by"] = "Υ \"quoted\"\n" };

        Safetensors.Write(folder.File("t.safetensors"), new Dictionary<string, Tensor> { ["layer1.0.conv é"] = one }, metadata);
        using TensorBundle bundle = Safetensors.Read(folder.File("t.safetensors"));

        Assert.Equal(metadata, bundle.Metadata);
        Assert.Equal(["layer1.0.conv é"], bundle.Tensors.Keys);
    }

    [Fact]
    public void The_bytes_follow_the_published_format()
    {
        using Tensor a = tensor(new[] { 1f, 2f });
        using Tensor b = tensor(new byte[] { 9 });
        using MemoryStream stream = new();

        Safetensors.Write(stream, new Dictionary<string, Tensor> { ["b"] = b, ["a"] = a });

        byte[] bytes = stream.ToArray();
        int length = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
        JsonNode header = JsonNode.Parse(bytes.AsSpan(8, length))!;
        Assert.Equal(0, length % 8);
        Assert.Equal("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"U8","shape":[1],"data_offsets":[8,9]}}""", header.ToJsonString());
        Assert.Equal([0, 0, 0x80, 0x3f, 0, 0, 0, 0x40, 9], bytes[(8 + length)..]);
    }

    [Fact]
    public void The_order_of_the_dictionary_does_not_change_the_bytes()
    {
        using Tensor a = ones(3), b = zeros(2);
        using MemoryStream first = new(), second = new();

        Safetensors.Write(first, new Dictionary<string, Tensor> { ["a"] = a, ["b"] = b });
        Safetensors.Write(second, new Dictionary<string, Tensor> { ["b"] = b, ["a"] = a });

        Assert.Equal(first.ToArray(), second.ToArray());
    }

    [Theory]
    [InlineData("no JSON", "not json", 0, "header is not the JSON")]
    [InlineData("an array", "[]", 0, "header is not the JSON")]
    [InlineData("repeated names", """{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}""", 1, "header is not the JSON")]
    [InlineData("overlap", """{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[2,6]}}""", 6, "overlap or leave a gap")]
    [InlineData("gap", """{"a":{"dtype":"U8","shape":[4],"data_offsets":[2,6]}}""", 6, "overlap or leave a gap")]
    [InlineData("beyond the end", """{"a":{"dtype":"U8","shape":[400],"data_offsets":[0,400]}}""", 6, "take 400 bytes, but 6 follow")]
    [InlineData("bytes left over", """{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""", 6, "take 4 bytes, but 6 follow")]
    [InlineData("shape against offsets", """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4, "needs 8 bytes")]
    [InlineData("reversed offsets", """{"a":{"dtype":"U8","shape":[2],"data_offsets":[2,0]}}""", 2, "needs 2 bytes")]
    [InlineData("negative side", """{"a":{"dtype":"U8","shape":[-2],"data_offsets":[0,2]}}""", 2, "whole number of at least 0")]
    [InlineData("fractional side", """{"a":{"dtype":"U8","shape":[1.5],"data_offsets":[0,2]}}""", 2, "whole number of at least 0")]
    [InlineData("overflowing shape", """{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}""", 0, "too large")]
    [InlineData("unknown type", """{"a":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1]}}""", 1, "element type F8_E4M3")]
    [InlineData("no offsets", """{"a":{"dtype":"U8","shape":[1]}}""", 1, "needs dtype, shape and two data_offsets")]
    [InlineData("unknown member", """{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1],"code":"x"}}""", 1, "unknown member")]
    [InlineData("metadata that is no text", """{"__metadata__":{"a":1}}""", 0, "header is not the JSON")]
    public void A_wrong_header_is_refused(string what, string header, int dataLength, string message)
    {
        byte[] json = Encoding.UTF8.GetBytes(header);
        byte[] file = new byte[8 + json.Length + dataLength];
        BinaryPrimitives.WriteInt64LittleEndian(file, json.Length);
        json.CopyTo(file, 8);

        ModelFormatException error = Assert.Throws<ModelFormatException>(() => Safetensors.Read(new MemoryStream(file), file.Length, what));

        Assert.StartsWith(what, error.Message, StringComparison.Ordinal);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(40)]
    [InlineData(-1)]
    public void A_truncated_file_is_refused(int length)
    {
        using Tensor values = ones(64);
        using MemoryStream stream = new();
        Safetensors.Write(stream, new Dictionary<string, Tensor> { ["values"] = values });
        byte[] cut = length < 0 ? stream.ToArray()[..^1] : stream.ToArray()[..length];

        ModelFormatException error = Assert.Throws<ModelFormatException>(() => Safetensors.Read(new MemoryStream(cut), cut.Length, "cut"));

        Assert.Contains("copy or write it again", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stream_shorter_than_promised_is_refused()
    {
        using Tensor values = ones(64);
        using MemoryStream stream = new();
        Safetensors.Write(stream, new Dictionary<string, Tensor> { ["values"] = values });
        byte[] cut = stream.ToArray()[..^1];

        Assert.Throws<ModelFormatException>(() => Safetensors.Read(new MemoryStream(cut), cut.Length + 1, "cut"));
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(-1)]
    [InlineData(SafetensorsHeader.MaximumLength + 1L)]
    public void An_absurd_header_length_is_refused_before_memory_is_taken(long claimed)
    {
        byte[] file = new byte[64];
        BinaryPrimitives.WriteInt64LittleEndian(file, claimed);

        ModelFormatException error = Assert.Throws<ModelFormatException>(() => Safetensors.Read(new MemoryStream(file), file.Length, "absurd"));

        Assert.Contains("claims a header", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_element_type_without_a_place_in_the_format_is_refused_on_writing()
    {
        using Tensor complex = zeros(2, dtype: ScalarType.ComplexFloat32);

        ArgumentException error = Assert.Throws<ArgumentException>(() => Safetensors.Write(folder.File("t.safetensors"), new Dictionary<string, Tensor> { ["c"] = complex }));

        Assert.Contains("ComplexFloat32", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    public void Dispose() => folder.Dispose();
}
