using CobraAD.Torch;

namespace CobraAD.Tests.Torch;

/// <summary>The switches exist in a libtorch without CUDA as well, where nothing looks at them.</summary>
[Collection(WholeProcessTests.Name)]
public sealed class TensorFloat32Tests
{
    [Theory]
    [InlineData(TensorFloat32Use.Training, false, true)]
    [InlineData(TensorFloat32Use.Never, false, false)]
    [InlineData(TensorFloat32Use.Always, true, true)]
    public void It_is_allowed_when_it_should_be(TensorFloat32Use use, bool outside, bool inTraining)
    {
        try
        {
            TorchRuntime.Initialize(new TorchRuntimeOptions { Threads = 1, TensorFloat32 = use });
            Assert.Equal(outside, TensorFloat32.Allowed);

            using (TensorFloat32.Train())
            {
                Assert.Equal(inTraining, TensorFloat32.Allowed);
                using (TensorFloat32.Train()) Assert.Equal(inTraining, TensorFloat32.Allowed);
                Assert.Equal(inTraining, TensorFloat32.Allowed);
            }

            Assert.Equal(outside, TensorFloat32.Allowed);
            // Opening a device initialises what is not initialised yet, and changes nothing else.
            Assert.Throws<InvalidOperationException>(() => TorchRuntime.OpenDevice("cuda:99"));
            Assert.Equal(use, TensorFloat32.Use);
        }
        finally
        {
            TorchRuntime.Initialize(new TorchRuntimeOptions { Threads = 1 });
        }
    }
}
