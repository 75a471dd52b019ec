using System.Globalization;
using CobraAD.Torch;
using TorchSharp;

namespace CobraAD.Tests.Torch;

public sealed class TorchRuntimeTests
{
    [Fact]
    public void The_libtorch_beside_the_program_is_loaded_and_is_the_expected_version()
    {
        TorchRuntimeInfo info = TorchRuntime.Initialize(new TorchRuntimeOptions { Threads = 1 });

        Assert.Equal(Path.Combine(AppContext.BaseDirectory, "libtorch"), info.LibTorchFolder);
        Assert.Equal(new Version(2, 10, 0), info.Version);
        Assert.Null(info.Warning);
    }

    [Theory]
    [InlineData("2.10.0", false)]
    [InlineData("2.10.1", false)]
    [InlineData("2.11.0", true)]
    [InlineData("2.9.1", true)]
    [InlineData(null, true)]
    public void Another_version_than_TorchSharp_was_built_for_is_warned_of(string? version, bool warned)
    {
        string? warning = NativeTorch.VersionWarning("/opt/libtorch/lib", version is null ? null : Version.Parse(version));

        Assert.Equal(warned, warning is not null);
        if (warned) Assert.Contains(version ?? "unknown", warning, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1025)]
    public void A_thread_count_out_of_range_is_named(int threads)
    {
        ArgumentOutOfRangeException error = Assert.Throws<ArgumentOutOfRangeException>(() => TorchRuntime.Initialize(new TorchRuntimeOptions { Threads = threads }));

        Assert.Equal("Threads", error.ParamName);
        Assert.Contains(threads.ToString(CultureInfo.InvariantCulture), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_use_of_tf32_is_named()
    {
        TorchRuntimeOptions options = new() { TensorFloat32 = (TensorFloat32Use)7 };

        Assert.Equal("TensorFloat32", Assert.Throws<ArgumentOutOfRangeException>(() => TorchRuntime.Initialize(options)).ParamName);
    }

    [Theory]
    [InlineData("cpu")]
    [InlineData("CPU")]
    public void The_cpu_is_always_there(string name) => Assert.Equal(DeviceType.CPU, TorchRuntime.OpenDevice(name).type);

    [Theory]
    [InlineData("gpu")]
    [InlineData("cuda:")]
    [InlineData("cuda:-1")]
    [InlineData("")]
    public void An_unknown_device_name_is_refused(string name) => Assert.Throws<ArgumentException>(() => TorchRuntime.OpenDevice(name));

    [Fact]
    public void Asking_a_libtorch_without_cuda_for_cuda_says_how_to_get_one()
    {
        InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => TorchRuntime.OpenDevice("cuda"));

        Assert.Contains(TorchRuntime.LibTorchVariable, error.Message, StringComparison.Ordinal);
    }
}
