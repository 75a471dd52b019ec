using System.Buffers.Binary;

namespace CobraAD.Tests.Experiments;

/// <summary>A folder of data sets with a Fashion-MNIST of a few random images in it.</summary>
internal static class SmallData
{
    public static string Write(string folder, int trainPerClass = 24, int testPerClass = 3)
    {
        string target = Path.Combine(folder, "fmnist");
        Directory.CreateDirectory(target);
        WritePart(target, "train", trainPerClass, seed: 1);
        WritePart(target, "t10k", testPerClass, seed: 2);
        return folder;
    }

    private static void WritePart(string folder, string name, int perClass, int seed)
    {
        int count = 10 * perClass;
        byte[] images = new byte[16 + count * 28 * 28], labels = new byte[8 + count];
        Header(images, 0x803, count, 28, 28);
        Header(labels, 0x801, count);
        Random random = new(seed);
        for (int i = 0; i < count; i++)
        {
            int label = i % 10;
            labels[8 + i] = (byte)label;
            // Stripes whose width is the class, in a noise of its own: something can be learnt.
            for (int pixel = 0; pixel < 784; pixel++) images[16 + i * 784 + pixel] = (byte)(pixel % 28 / (label + 1) % 2 * 150 + random.Next(100));
        }

        File.WriteAllBytes(Path.Combine(folder, $"{name}-images-idx3-ubyte"), images);
        File.WriteAllBytes(Path.Combine(folder, $"{name}-labels-idx1-ubyte"), labels);
    }

    private static void Header(byte[] target, params int[] words)
    {
        for (int i = 0; i < words.Length; i++) BinaryPrimitives.WriteInt32BigEndian(target.AsSpan(4 * i), words[i]);
    }
}
